/// Finds a key that an object has twice, comparing the texts that keys stand for: `"a"` and `"\u0061"` are one key.
///
/// Objects of API answers have some 30 keys, and there are thousands of such objects, so small ones are searched
/// through a list of 8-byte fingerprints. Large ones use a set with the standard library's randomly seeded hashing,
/// which nobody outside can aim collisions at; so no input makes this quadratic.
struct JSONKeys {
    /// Where the list stood when an object began, and the enclosing object's set.
    struct Mark {
        fileprivate let start: Int
        fileprivate let set: Set<Key>?
    }

    fileprivate struct Key: Hashable {
        let text: [UInt8]

        func hash(into hasher: inout Hasher) { text.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    private static let listLimit = 48

    private let bytes: UnsafeBufferPointer<UInt8>
    /// The keys of all objects that are open, outermost first, and a short hash of each. The hashes are apart so that
    /// looking through them is a loop over plain numbers.
    private var nodes: [JSONNode] = []
    private var fingerprints: [UInt32] = []
    private var start = 0
    private var set: Set<Key>?

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Starts a new object inside the current one.
    mutating func begin() -> Mark {
        let mark = Mark(start: start, set: set)
        start = nodes.count
        set = nil
        return mark
    }

    /// Forgets the current object's keys and goes back to the one around it.
    mutating func end(_ mark: Mark) {
        nodes.removeLast(nodes.count - start)
        fingerprints.removeLast(fingerprints.count - start)
        start = mark.start
        set = mark.set
    }

    /// Takes a key of the current object; false when it is there already.
    mutating func insert(_ node: JSONNode) -> Bool {
        if set != nil {
            let key = Key(text: text(node))
            return set?.insert(key).inserted ?? false
        }
        let fingerprint = fingerprint(node)
        if mayHold(fingerprint) {
            for index in start..<nodes.count where fingerprints[index] == fingerprint && isSame(nodes[index], node) {
                return false
            }
        }
        nodes.append(node)
        fingerprints.append(fingerprint)
        if nodes.count - start > Self.listLimit {
            set = Set(nodes[start...].map { Key(text: text($0)) })
        }
        return true
    }

    /// Looks at all fingerprints without stopping early, which the compiler turns into vector instructions.
    @inline(__always)
    private func mayHold(_ fingerprint: UInt32) -> Bool {
        fingerprints.withUnsafeBufferPointer { fingerprints in
            var found: UInt32 = 0
            var index = start
            while index < fingerprints.count {
                found |= fingerprints[index] == fingerprint ? 1 : 0
                index &+= 1
            }
            return found != 0
        }
    }

    private func isSame(_ a: JSONNode, _ b: JSONNode) -> Bool {
        if a.hasEscapes || b.hasEscapes { return text(a) == text(b) }
        return sameBytes(
            UnsafeBufferPointer(rebasing: bytes[a.content]),
            UnsafeBufferPointer(rebasing: bytes[b.content])
        )
    }

    private func text(_ node: JSONNode) -> [UInt8] {
        let content = UnsafeBufferPointer(rebasing: bytes[node.content])
        guard node.hasEscapes else { return Array(content) }
        var text: [UInt8] = []
        JSONString.appendDecoded(content, to: &text)
        return text
    }

    private func fingerprint(_ node: JSONNode) -> UInt32 {
        if node.hasEscapes {
            return text(node).withUnsafeBufferPointer { Self.fingerprint($0) }
        }
        return Self.fingerprint(UnsafeBufferPointer(rebasing: bytes[node.content]))
    }

    /// The length and up to sixteen bytes of the two ends, mixed just enough that the keys of one API differ.
    @inline(__always)
    private static func fingerprint(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let count = text.count
        var word = UInt64(truncatingIfNeeded: count)
        if count >= 8 {
            word ^= WordScan.load(text, at: 0) ^ (WordScan.load(text, at: count - 8) &* 31)
        } else {
            for byte in text { word = word << 8 ^ UInt64(byte) }
        }
        return UInt32(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }
}
