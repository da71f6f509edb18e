/**
 * Counts the presses of a button and sends each. `bowline send BOARD l:button '{"pin":"B3"}'` watches another pin, also
 * after a restart.
 */
import { endWatch, keepSetting, onRequest, type PinWatch, publish, setting, start, watchPin } from "bowline";

/** ms for which a level must stand: contacts bounce. */
const DEBOUNCE = 25;

let pin = setting("pin", "BTN1");

function onPress(watch: PinWatch): void {
  publish({ ot: "l:button", pin: pin, presses: watch.count });
}

/** Of a pin that the board does not have it throws, and the request is answered with that. */
function watchButton(name: string): PinWatch {
  return watchPin(new Pin(name), "rising", DEBOUNCE, onPress);
}

let button = watchButton(pin);

onRequest("l:button", function (request) {
  if (request.pin !== undefined) {
    const next = watchButton(request.pin);
    endWatch(button);
    button = next;
    pin = request.pin;
    keepSetting("pin", pin);
  }
  return { pin: pin, presses: button.count };
});

start();
