/// A JSON text (RFC 8259) that has been checked from end to end, with an index of its values.
///
/// The bytes are kept as they came, and every value knows its place in them: a number's digits and a record's own text
/// can be stored without being written anew. The index is one flat array; nothing is decoded before it is asked for.
///
/// Strict: UTF-8 only and no byte order mark, no comments, no trailing commas, no `NaN`, no unpaired surrogates, and no
/// object with one key twice, because programs disagree about which of the two counts.
public struct JSONDocument: Sendable {
    /// How deep arrays and objects may be nested.
    public static let maximumDepth = 64
    /// How many values a document may hold, keys included; 64 MiB of index.
    public static let maximumNodes = 4_194_304

    final class Storage: Sendable {
        let bytes: [UInt8]
        let nodes: [JSONNode]

        init(bytes: [UInt8], nodes: [JSONNode]) {
            self.bytes = bytes
            self.nodes = nodes
        }
    }

    let storage: Storage

    /// The text that was parsed.
    public var bytes: [UInt8] { storage.bytes }

    /// The outermost value.
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }

    /// Checks and indexes a JSON text.
    ///
    /// - Parameter bytes: one value with optional white space around it, below 4 GiB.
    /// - Throws: `Failure`, with the place of the first byte that is wrong.
    public init(parsing bytes: [UInt8]) throws(Failure) {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<[JSONNode], Failure> in
            var parser = JSONParser(buffer)
            do throws(JSONParser.Fault) {
                try parser.parseDocument()
                return .success(parser.nodes)
            } catch {
                return .failure(Failure(error.reason, at: error.offset, in: buffer))
            }
        }
        storage = Storage(bytes: bytes, nodes: try result.get())
    }

    /// A document that has been indexed already.
    init(indexed storage: Storage) { self.storage = storage }
}

/// One value in the index, 16 bytes: where it stands, and where the next one is.
///
/// Values are in the order of the text. An object's members follow it as key, value, key, value; `next` leads past
/// everything inside.
struct JSONNode: Sendable {
    enum Tag: UInt32 {
        case object, array, string, number, `true`, `false`, null
    }

    /// First byte of the value.
    let start: UInt32
    /// The byte after the value.
    var end: UInt32
    /// The index after the last node inside this one.
    var next: UInt32
    /// Tag in the low three bits, then the escape flag, then the count of members or elements.
    private var packed: UInt32

    init(_ tag: Tag, start: Int, end: Int, next: Int, hasEscapes: Bool = false) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
        packed = tag.rawValue | (hasEscapes ? 8 : 0)
    }

    var tag: Tag { Tag(rawValue: packed & 7) ?? .null }
    /// Whether a string holds a backslash, so that its text is not simply its bytes.
    var hasEscapes: Bool { packed & 8 != 0 }
    var range: Range<Int> { Int(start)..<Int(end) }
    /// A string's bytes without its quotes.
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }

    /// Members of an object or elements of an array. At most 2^22 nodes exist, so 28 bits hold it.
    var count: Int {
        get { Int(packed >> 4) }
        set { packed = packed & 15 | UInt32(truncatingIfNeeded: newValue) << 4 }
    }
}
