/// Writes one JSON document from left to right and sets the commas itself. For documents of our own, such as a run
/// record; rows have `TickerLine`.
///
/// The order of calls is the caller's to get right: a value without a key in an object, or an end without a
/// beginning, stops a debug build.
public struct JSONWriter: Sendable {
    /// What has been written so far; a whole document once everything begun is ended.
    public private(set) var bytes: [UInt8] = []

    private enum Container: Sendable { case object, array }
    private var open: [Container] = []
    private var needsComma = false
    private var awaitsValue = false

    /// A writer with nothing written.
    public init() {}

    /// Opens an object as the next value.
    public mutating func beginObject() { begin(.object, UInt8(ascii: "{")) }
    /// Closes the object that was opened last.
    public mutating func endObject() { end(.object, UInt8(ascii: "}")) }
    /// Opens an array as the next value.
    public mutating func beginArray() { begin(.array, UInt8(ascii: "[")) }
    /// Closes the array that was opened last.
    public mutating func endArray() { end(.array, UInt8(ascii: "]")) }

    /// Writes the key of the member whose value comes next.
    public mutating func key(_ key: String) {
        assert(open.last == .object && !awaitsValue, "a key belongs into an object, and before a value: \(key)")
        if needsComma { bytes.append(ASCII.comma) }
        JSONText.appendEscaped(key, to: &bytes)
        bytes.append(ASCII.colon)
        needsComma = false
        awaitsValue = true
    }

    /// Writes text as a string.
    public mutating func string(_ value: String) {
        prepareValue()
        JSONText.appendEscaped(value, to: &bytes)
    }

    /// Writes UTF-8 text as a string; bytes that are not UTF-8 become U+FFFD.
    public mutating func string(_ value: [UInt8]) {
        prepareValue()
        JSONText.appendEscaped(value.span, to: &bytes)
    }

    /// Writes an integer in decimal.
    public mutating func number(_ value: Int64) {
        prepareValue()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes an integer in decimal.
    public mutating func number(_ value: UInt64) {
        prepareValue()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes an integer in decimal.
    public mutating func number(_ value: Int) { number(Int64(value)) }

    /// Writes a number literal as it is: a canonical literal, or any other lexeme JSON allows for a number.
    public mutating func number(literal: [UInt8]) { raw(literal) }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        prepareValue()
        bytes.append(value ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        prepareValue()
        bytes.append("null")
    }

    /// Writes a value that already is JSON.
    public mutating func raw(_ json: [UInt8]) {
        assert(!json.isEmpty, "a value has at least one byte")
        prepareValue()
        bytes.append(contentsOf: json)
    }

    private mutating func begin(_ container: Container, _ byte: UInt8) {
        prepareValue()
        bytes.append(byte)
        open.append(container)
        needsComma = false
    }

    private mutating func end(_ container: Container, _ byte: UInt8) {
        assert(open.last == container && !awaitsValue, "the end does not fit what is open")
        _ = open.popLast()
        bytes.append(byte)
        needsComma = true
    }

    private mutating func prepareValue() {
        assert(open.last != .object || awaitsValue, "a value in an object needs a key")
        assert(!open.isEmpty || bytes.isEmpty, "a document is one value")
        if needsComma { bytes.append(ASCII.comma) }
        needsComma = true
        awaitsValue = false
    }
}
