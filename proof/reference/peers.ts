/** Programs of ours around the reference: one that brings its own socket and is there at once, and one with its whole bot. */

/**
 * Both first tell the key with which they sign, then are told where to go, {"port": …, "nick": …, "channel": …}, and what to
 * say, {"say": TARGET, "datums": […], "mtu": N}. What they hear they tell.
 */
const COMMON = `
import queue, threading
from irciot import PyLayerIRCIoT
layer = PyLayerIRCIoT()
layer.irciot_enable_blockchain_("ed")
key = layer.irciot_get_blockchain_public_key_()
tell({"key": None if key is None else key.encode().hex()})
place = json.loads(sys.stdin.readline())
PORT, NICK, CHANNEL = place["port"], place["nick"], place["channel"]
wishes = queue.Queue()
def read_wishes():
    for line in sys.stdin:
        wishes.put(json.loads(line))
threading.Thread(target=read_wishes, daemon=True).start()
def hear(text, vuid, target):
    try:
        if not layer.is_irciot_(text):
            return
        datums = layer.irciot_deinencap_(text, vuid)
    except Exception as error:
        tell({"error": repr(error), "text": text})
        return
    for datum in json.loads(datums) if datums not in ("", None) else []:
        tell({"heard": datum, "target": target})
def packed(wish):
    layer.irciot_set_mtu_(wish["mtu"])
    return [text for (text, vuid) in layer.irciot_encap_all_(wish["datums"])]
`;

/** Its codec alone, over a plain socket. */
export const SOCKET_PEER = `${COMMON}
import select, socket
server = socket.create_connection(("127.0.0.1", PORT))
def send(line):
    server.sendall((line + "\\r\\n").encode("utf-8"))
send("NICK " + NICK)
send("USER " + NICK + " 0 * :reference")
rest = b""
while True:
    ready, _, _ = select.select([server], [], [], 0.02)
    if ready:
        chunk = server.recv(65536)
        if chunk == b"":
            break
        rest += chunk
        while b"\\n" in rest:
            raw, rest = rest.split(b"\\n", 1)
            line = raw.decode("utf-8", "replace").rstrip("\\r")
            words = line.split(" ", 3)
            if words[0] == "PING":
                send("PONG " + words[1])
            elif len(words) > 1 and words[1] == "001":
                send("JOIN " + CHANNEL)
            elif len(words) > 3 and words[1] == "PRIVMSG":
                hear(words[3][1:], None, words[2])
    while not wishes.empty():
        wish = wishes.get()
        for text in packed(wish):
            send("PRIVMSG " + wish["say"] + " :" + text)
`;

/** The whole bot: its IRC as well, which waits up to a minute before it joins and says one line a second. */
export const BOT_PEER = `${COMMON}
from rfc1459 import PyLayerIRC
import time
bot = PyLayerIRC()
layer.irc_pointer = bot.irc_handler
layer.user_pointer = bot.user_handler
bot.irc_server = "127.0.0.1"
bot.irc_port = PORT
bot.irc_channel = CHANNEL
bot.irc_talk_with_strangers = True
bot.irc_define_nick_(NICK)
bot.start_IRC_()
while bot.irc_run:
    text, wait, vuid = bot.irc_check_queue_(bot.CONST.irc_queue_input)
    if text != "":
        hear(text, vuid, "")
    while not wishes.empty():
        for text in packed(wishes.get()):
            bot.irc_add_to_queue_(bot.CONST.irc_queue_output, text, bot.CONST.irc_default_wait, bot.CONST.api_vuid_all)
`;
