-- Bowline for Wireshark: captures of `bowline sniff LINK --pcap FILE`, which are of link type USER0.
--
--   wireshark -X lua_script:bowline.lua FILE          tshark -X lua_script:bowline.lua -r FILE -V
--
-- Each record has a head of eight bytes (host/cli/sniff/capture-file.ts), then a frame or noise of a cable, a chunk of
-- a socket, or a note. What the bytes mean is in shared/PROTOCOL.md; sections named here are of that page. Session
-- messages may be spread over records, so each direction is read on from where the record before it ended; that state
-- is kept for each record when it is first seen, since Wireshark comes back to records in any order.
-- Long because Wireshark is given one file, and whoever reads captures elsewhere copies one.

local bowline = Proto("bowline", "Bowline gateway and board")

local WHAT = { [0] = "bytes", [1] = "begin", [2] = "rest", [3] = "missed", [4] = "over" }
local WIRE = { [0] = "cable", [1] = "socket" }
local SIDE = { [0] = "board", [1] = "gateway" }
local STAGE = { [0] = "nothing", [1] = "request", [2] = "reply", [3] = "state", [4] = "packets" }
local TYPE = {
  [0x4f] = "OPEN",
  [0x41] = "OPEN_ACK",
  [0x44] = "DATA",
  [0x52] = "RESET",
  [0x50] = "REPL",
  [0x4c] = "LOG",
}
local REASON = {
  [0x63] = "checksum",
  [0x66] = "the port lost bytes",
  [0x6f] = "frame too long",
  [0x71] = "asked for",
  [0x73] = "gap in the sequence",
  [0x74] = "frame stuck halfway",
}
local CODE = { [0] = "OK", [1] = "version not supported", [2] = "session does not exist" }

local HEAD_SIZE = 8
local FRAME_HEAD, CRC_SIZE = 3, 4
local END, ESC = "\xc0", "\xdb"

local f = {
  what = ProtoField.uint8("bowline.what", "Record", base.DEC, WHAT),
  wire = ProtoField.uint8("bowline.wire", "Wire", base.DEC, WIRE),
  from = ProtoField.uint8("bowline.from", "From", base.DEC, SIDE),
  connection = ProtoField.uint32("bowline.connection", "Connection"),
  summary = ProtoField.string("bowline.summary", "In words"),
  note = ProtoField.string("bowline.note", "Note"),
  stage_board = ProtoField.uint8("bowline.stage.board", "Next of the board", base.DEC, STAGE),
  stage_gateway = ProtoField.uint8("bowline.stage.gateway", "Next of the gateway", base.DEC, STAGE),
  type = ProtoField.uint8("bowline.frame.type", "Type", base.HEX, TYPE),
  link = ProtoField.uint8("bowline.frame.link", "Link", base.HEX),
  seq = ProtoField.uint8("bowline.frame.seq", "Seq"),
  payload = ProtoField.bytes("bowline.frame.payload", "Payload"),
  crc = ProtoField.uint32("bowline.frame.crc", "CRC-32", base.HEX),
  noise = ProtoField.bytes("bowline.noise", "Noise"),
  link_version = ProtoField.uint8("bowline.open.version", "Link version"),
  rx = ProtoField.uint64("bowline.open.rx", "Bytes it can hold unread"),
  max = ProtoField.uint64("bowline.open.max", "Largest packet"),
  reason = ProtoField.uint8("bowline.reset.reason", "Reason", base.HEX, REASON),
  log = ProtoField.string("bowline.log", "Text of the board"),
  version = ProtoField.uint8("bowline.session.version", "Version"),
  id = ProtoField.bytes("bowline.session.id", "Session id"),
  code = ProtoField.uint8("bowline.session.code", "Handshake code", base.DEC, CODE),
  start = ProtoField.uint64("bowline.session.start", "startPacketIndex"),
  sync_min = ProtoField.uint64("bowline.session.sync_min", "syncIntervalMin, ms"),
  sync_max = ProtoField.uint64("bowline.session.sync_max", "syncIntervalMax, ms"),
  expire = ProtoField.uint8("bowline.session.expire", "sessionExpire, s"),
  index = ProtoField.uint64("bowline.packet.index", "Packet index"),
  size = ProtoField.uint64("bowline.packet.size", "Packet size"),
  data = ProtoField.bytes("bowline.packet.data", "Packet data"),
  text = ProtoField.string("bowline.packet.text", "Message"),
  count = ProtoField.uint8("bowline.sync.count", "receiveCount"),
  unread = ProtoField.bytes("bowline.unread", "Not read"),
}
bowline.fields = f

local e = {
  crc = ProtoExpert.new("bowline.crc.bad", "No frame: noise, or damaged", expert.group.CHECKSUM, expert.severity.WARN),
  gap = ProtoExpert.new("bowline.seq.gap", "Gap in the sequence", expert.group.SEQUENCE, expert.severity.WARN),
  stale = ProtoExpert.new("bowline.stale", "Not of the open link", expert.group.SEQUENCE, expert.severity.NOTE),
  malformed = ProtoExpert.new("bowline.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
  missed = ProtoExpert.new("bowline.missed", "Missed by the capture", expert.group.SEQUENCE, expert.severity.WARN),
}
bowline.experts = e

local json = Dissector.get("json")

-- What is known of each connection, by its number, and of each record before it was read.
local connections = {}
local entries = {}

function bowline.init()
  connections = {}
  entries = {}
end

-- CRC-32 of zlib, a byte a step.
local crc_table = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    local low = bit.band(c, 1)
    c = bit.rshift(c, 1)
    if low == 1 then c = bit.bxor(c, 0xedb88320) end
  end
  crc_table[i] = c
end

local function crc32(text)
  local c = 0xffffffff
  for i = 1, #text do
    c = bit.bxor(crc_table[bit.band(bit.bxor(c, text:byte(i)), 0xff)], bit.rshift(c, 8))
  end
  return bit.tohex(bit.bnot(c))
end

-- Section 1: the varint at text[at] (from 1) -> value, size; nil, "more" or "range".
local function varint(text, at)
  local a = text:byte(at)
  if a == nil then return nil, "more" end
  if a <= 240 then return a, 1 end
  local size = a <= 248 and 2 or a == 249 and 3 or a - 246
  if at + size - 1 > #text then return nil, "more" end
  if a <= 248 then return 240 + 256 * (a - 241) + text:byte(at + 1), 2 end
  if a == 249 then return 2288 + 256 * text:byte(at + 1) + text:byte(at + 2), 3 end
  -- With eight bytes behind it the first is 0 or the number too large, also for whole numbers of 64 bits.
  if size == 9 and text:byte(at + 1) > 0 then return nil, "range" end
  local value = 0
  for i = at + 1, at + size - 1 do value = value * 256 + text:byte(i) end
  if value >= 2 ^ 53 then return nil, "range" end
  return value, size
end

local function u64(value) return UInt64(value % 2 ^ 32, math.floor(value / 2 ^ 32)) end

local function hex(text)
  return (text:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

-- A view of `text` for tree items that do not lie in the record as they are.
local function view(text, name) return ByteArray.new(text, true):tvb(name) end

-- Section 4.3: what a payload is, in a few words.
local function kind_of(text)
  if text == "{}" then return "an empty message" end
  if text:sub(1, 1) ~= "{" then
    local size = text:byte(1) or 0
    if size < 1 or size > 63 or #text < 1 + size then return "no message of Bowline" end
    return "blob " .. text:sub(2, 1 + size)
  end
  if text:find('^{"hello"') then return "hello of " .. (text:match('"id":"([^"]*)"') or "?") end
  if text:find('^{"proof"') then return "proof" end
  local kill = text:match('^{"kill":(%d+)')
  if kill then return "cancel of request " .. kill end
  local re = text:match('^{"re":(%d+)')
  if re then return "reply to request " .. re end
  local ot = text:match('"ot":"([^"]*)"') or "message"
  local rq = text:match('"rq":(%d+)')
  return rq and ("request " .. rq .. " " .. ot) or ot
end

-- Readers of one message at text[at]: they add to `tree` from `tvb` (the same bytes) and return where it ends (the place
-- behind it) and what it says; nil while it is cut short; nil and a text when it cannot be read.

local function add_id(text, at, least, tvb, tree)
  local size, n = varint(text, at)
  if size == nil then return nil, n ~= "more" and "session id of no size" or nil end
  if size > 32 or size < least then return nil, "session id of " .. size .. " bytes" end
  local last = at + n + size
  if last - 1 > #text then return nil end
  if size > 0 then tree:add(f.id, tvb(at + n - 1, size)) end
  return last, text:sub(at + n, last - 1)
end

local read = {}

function read.request(_, conn, text, at, tvb, tree)
  if text:byte(at) ~= 1 then return nil, "a request of version " .. text:byte(at) end
  local last, id = add_id(text, at + 1, 0, tvb, tree)
  if last == nil then return nil, id end
  tree:add(f.version, tvb(at - 1, 1))
  conn.asks_new = id == ""
  conn.board.stage = "state"
  return last, id == "" and "asks for a new session" or "resumes session " .. hex(id:sub(1, 4)) .. "…"
end

function read.reply(_, conn, text, at, tvb, tree)
  local code = text:byte(at)
  if CODE[code] == nil then return nil, "handshake code " .. code end
  if code ~= 0 then
    tree:add(f.code, tvb(at - 1, 1))
    conn.gateway.stage = "nothing"
    return at + 1, "refuses: " .. CODE[code]
  end
  local last, id = at + 1, ""
  if conn.asks_new then
    last, id = add_id(text, at + 1, 1, tvb, tree)
    if last == nil then return nil, id end
  end
  tree:add(f.code, tvb(at - 1, 1))
  conn.gateway.stage = "state"
  return last, conn.asks_new and "new session " .. hex(id:sub(1, 4)) .. "…" or "session resumed"
end

function read.state(side, conn, text, at, tvb, tree)
  local numbers = side == "board" and { f.start } or { f.start, f.sync_min, f.sync_max }
  local values, places, next = {}, {}, at
  for i = 1, #numbers do
    local value, n = varint(text, next)
    if value == nil then return nil, n == "range" and "a number above 2^53" or nil end
    values[i], places[i] = value, { next - 1, n }
    next = next + n
  end
  if side == "gateway" then
    if next > #text then return nil end
    tree:add(f.expire, tvb(next - 1, 1))
    next = next + 1
  end
  for i, field in ipairs(numbers) do tree:add(field, tvb(places[i][1], places[i][2]), u64(values[i])) end
  conn[side].stage = "packets"
  conn[side].index = values[1]
  return next, "state, from packet " .. values[1]
end

local function read_sync(text, at, n, tvb, tree)
  local count = text:byte(at + n)
  if count == nil then return nil end
  tree:add(f.count, tvb(at + n - 1, 1))
  if count > 200 and count < 255 then return nil, "receiveCount " .. count .. ", which is reserved" end
  local text_of = count == 0 and "heartbeat" or count == 255 and "close" or "sync " .. count
  return at + n + 1, text_of
end

function read.packets(side, conn, text, at, tvb, tree, pinfo)
  local size, n = varint(text, at)
  if size == nil then return nil, n == "range" and "a packet above 2^53 bytes" or nil end
  if size == 0 then return read_sync(text, at, n, tvb, tree) end
  local first, last = at + n, at + n + size
  if last - 1 > #text then return nil end
  local index = conn[side].index
  conn[side].index = index + 1
  local data = text:sub(first, last - 1)
  tree:add(f.index, tvb(at - 1, n), u64(index)):set_generated()
  tree:add(f.size, tvb(at - 1, n), u64(size))
  tree:add(f.data, tvb(first - 1, size))
  if data:sub(1, 1) == "{" then
    tree:add(f.text, tvb(first - 1, size))
    -- Its own columns would stand in place of ours.
    local info = tostring(pinfo.cols.info)
    json:call(tvb(first - 1, size):tvb(), pinfo, tree)
    pinfo.cols.protocol = "Bowline"
    pinfo.cols.info = info
  end
  return last, "packet " .. index .. ": " .. kind_of(data)
end

-- Session bytes of one side, as far as they are whole; `tvb(offset, #bytes)` is where they lie in the record.
local function read_session(side, conn, bytes, tvb, offset, pinfo, tree, says)
  local own = conn[side]
  local text, from = own.rest .. bytes, tvb
  if own.rest == "" then
    from = tvb(offset, #bytes):tvb()
  else
    from = view(text, "Session bytes of the " .. side .. ", put together")
  end
  local at = 1
  while at <= #text do
    local reader = read[own.stage]
    local item = tree:add(bowline, from(at - 1), "Session")
    if reader == nil then
      item:set_text("Session bytes that cannot be read: no handshake was seen, or what came before is malformed")
      item:add(f.unread, from(at - 1))
      says[#says + 1] = (#text - at + 1) .. " bytes not read"
      at = #text + 1
      break
    end
    local last, what = reader(side, conn, text, at, from, item, pinfo)
    if last == nil then
      if what == nil then
        item:set_text("The beginning of a message: " .. (#text - at + 1) .. " bytes")
        says[#says + 1] = "…"
        break
      end
      item:set_text("Malformed: " .. what)
      item:add_proto_expert_info(e.malformed, what)
      says[#says + 1] = "malformed: " .. what
      own.stage = "lost"
      at = #text + 1
      break
    end
    item:set_len(last - at)
    item:set_text("Session: " .. what)
    says[#says + 1] = what
    at = last
  end
  own.rest = text:sub(at)
end

local function close_link(conn)
  conn.open = false
  conn.board = { stage = "nothing", rest = "", index = 0 }
  conn.gateway = { stage = "nothing", rest = "", index = 0 }
end

-- Section 2: the frame in `raw`, with its END -> its bytes unescaped; nil when it is none.
local function unescape(raw)
  if raw:sub(-1) ~= END then return nil end
  local body = raw:sub(1, -2)
  local plain = body:gsub(ESC .. "(.)", function(c)
    return c == "\xdc" and END or c == "\xdd" and ESC or nil
  end)
  if #plain < FRAME_HEAD + CRC_SIZE then return nil end
  local b1, b2, b3, b4 = plain:byte(-4, -1)
  local crc = string.format("%02x%02x%02x%02x", b4, b3, b2, b1)
  return crc32(plain:sub(1, -5)) == crc and plain or nil
end

local function add_limits(plain, tvb, tree, says)
  local last = #plain - CRC_SIZE
  local text = plain:sub(1, last)
  tree:add(f.link_version, tvb(FRAME_HEAD, 1))
  local rx, n = varint(text, FRAME_HEAD + 2)
  local max, m = nil, nil
  if rx ~= nil then max, m = varint(text, FRAME_HEAD + 2 + n) end
  if max == nil then
    tree:add_proto_expert_info(e.malformed, "what it can take cannot be read")
    return
  end
  tree:add(f.rx, tvb(FRAME_HEAD + 1, n), u64(rx))
  tree:add(f.max, tvb(FRAME_HEAD + 1 + n, m), u64(max))
  says[#says + 1] = "rx " .. rx .. ", max " .. max
end

-- What a control frame says, and what it does to the link.
local function read_control(side, conn, kind, link, plain, tvb, tree, says)
  local size = #plain - FRAME_HEAD - CRC_SIZE
  if (kind == "OPEN" or kind == "OPEN_ACK") and size > 0 then add_limits(plain, tvb, tree, says) end
  if kind == "OPEN_ACK" and side == "gateway" then
    close_link(conn)
    conn.open, conn.link = true, link
    conn.seq = { board = 0, gateway = 0 }
    conn.board.stage, conn.gateway.stage = "request", "reply"
  elseif kind == "RESET" and size > 0 then
    tree:add(f.reason, tvb(FRAME_HEAD, 1))
    says[#says + 1] = REASON[plain:byte(FRAME_HEAD + 1)] or "unknown reason"
    if conn.open and link == conn.link then close_link(conn) end
  elseif kind == "LOG" and size > 0 then
    tree:add(f.log, tvb(FRAME_HEAD, size))
    says[#says + 1] = plain:sub(FRAME_HEAD + 1, FRAME_HEAD + size)
  end
end

local function read_data(side, conn, link, seq, plain, tvb, pinfo, tree, says)
  local size = #plain - FRAME_HEAD - CRC_SIZE
  if not conn.open or link ~= conn.link then
    tree:add_proto_expert_info(e.stale)
    says[#says + 1] = "not of the open link"
  elseif seq ~= conn.seq[side] then
    local text = "a gap, seq " .. conn.seq[side] .. " was next"
    tree:add_proto_expert_info(e.gap, text)
    says[#says + 1] = text
    close_link(conn)
  else
    conn.seq[side] = (seq + 1) % 256
    if size > 0 then
      local bytes = plain:sub(FRAME_HEAD + 1, FRAME_HEAD + size)
      read_session(side, conn, bytes, tvb, FRAME_HEAD, pinfo, tree, says)
    end
  end
end

local function read_frame(side, conn, tvb, pinfo, tree, says)
  local raw = tvb:raw(HEAD_SIZE)
  local plain = unescape(raw)
  if plain == nil then
    local item = tree:add(f.noise, tvb(HEAD_SIZE))
    item:add_proto_expert_info(e.crc)
    says[#says + 1] = #raw .. " bytes that are no frame"
    return
  end
  local body = #plain == #raw - 1 and tvb(HEAD_SIZE, #plain):tvb() or view(plain, "Frame without escapes")
  local type, link, seq = plain:byte(1, 3)
  local kind = TYPE[type] or string.format("type 0x%02x", type)
  local item = tree:add(bowline, body(), string.format("Frame: %s, link %02x, seq %d", kind, link, seq))
  item:add(f.type, body(0, 1))
  item:add(f.link, body(1, 1))
  item:add(f.seq, body(2, 1))
  local size = #plain - FRAME_HEAD - CRC_SIZE
  if size > 0 then item:add(f.payload, body(FRAME_HEAD, size)) end
  item:add_le(f.crc, body(FRAME_HEAD + size, CRC_SIZE)):append_text(" (correct)")
  says[#says + 1] = string.format("%s %02x/%d", kind, link, seq)
  if kind == "DATA" then
    read_data(side, conn, link, seq, plain, body, pinfo, tree, says)
  else
    read_control(side, conn, kind, link, plain, body, item, says)
  end
end

local function read_begin(conn, tvb, tree, says)
  local at = HEAD_SIZE
  close_link(conn)
  conn.open = tvb(at, 1):uint() == 1
  conn.link = tvb(at + 1, 1):uint()
  conn.seq = { board = tvb(at + 2, 1):uint(), gateway = tvb(at + 3, 1):uint() }
  conn.board.stage = STAGE[tvb(at + 4, 1):uint()]
  conn.gateway.stage = STAGE[tvb(at + 5, 1):uint()]
  -- Whole, so that Lua 5.4 does not write 9.0.
  conn.board.index = math.floor(tvb(at + 6, 8):uint64():tonumber())
  conn.gateway.index = math.floor(tvb(at + 14, 8):uint64():tonumber())
  tree:add(f.stage_board, tvb(at + 4, 1))
  tree:add(f.stage_gateway, tvb(at + 5, 1))
  tree:add(f.note, tvb(at + 22))
  says[#says + 1] = tvb(at + 22):string()
end

local function new_connection()
  local conn = { asks_new = false, link = 0, seq = { board = 0, gateway = 0 } }
  close_link(conn)
  return conn
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local same = {}
  for key, one in pairs(value) do same[key] = copy(one) end
  return same
end

local function read_record(what, wire, side, conn, tvb, pinfo, tree, says)
  if what == "begin" then
    read_begin(conn, tvb, tree, says)
  elseif what == "rest" then
    conn.board.rest = conn.board.rest .. tvb:raw(HEAD_SIZE)
    says[#says + 1] = "the beginning of a message"
  elseif what == "bytes" and wire == "cable" then
    read_frame(side, conn, tvb, pinfo, tree, says)
  elseif what == "bytes" then
    read_session(side, conn, tvb:raw(HEAD_SIZE), tvb, HEAD_SIZE, pinfo, tree, says)
  else
    local item = tree:add(f.note, tvb(HEAD_SIZE))
    says[#says + 1] = what .. ": " .. tvb(HEAD_SIZE):string()
    if what == "missed" then item:add_proto_expert_info(e.missed) end
    close_link(conn)
  end
end

function bowline.dissector(tvb, pinfo, root)
  if tvb:len() <= HEAD_SIZE or tvb(0, 1):uint() ~= 1 then return 0 end
  local what, wire = WHAT[tvb(1, 1):uint()], WIRE[tvb(2, 1):uint()]
  local side, number = SIDE[tvb(3, 1):uint()], tvb(4, 4):uint()
  if what == nil or wire == nil or side == nil then return 0 end
  if not pinfo.visited then
    connections[number] = connections[number] or new_connection()
    entries[pinfo.number] = copy(connections[number])
  end
  local conn = copy(entries[pinfo.number])

  pinfo.cols.protocol = "Bowline"
  pinfo.cols.info = ""
  if what == "bytes" or what == "rest" then
    pinfo.cols.src = side
    pinfo.cols.dst = side == "board" and "gateway" or "board"
  end
  local tree = root:add(bowline, tvb(), "Bowline, connection " .. number .. ", from the " .. side)
  tree:add(f.what, tvb(1, 1))
  tree:add(f.wire, tvb(2, 1))
  tree:add(f.from, tvb(3, 1))
  tree:add(f.connection, tvb(4, 4))
  local says = {}
  read_record(what, wire, side, conn, tvb, pinfo, tree, says)
  local summary = table.concat(says, ", ")
  pinfo.cols.info = summary
  tree:add(f.summary, summary):set_generated()
  if not pinfo.visited then connections[number] = conn end
  return tvb:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, bowline)
