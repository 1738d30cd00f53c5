/// Gives every different byte string a small number, in the order of first sight: 0, 1, 2 and so on.
///
/// A table of open addressing with linear probing over one arena of bytes. Finding a known text allocates nothing.
public struct ByteInterner: Sendable {
    /// High 32 bits: the upper half of the hash. Low 32 bits: id + 1, so that 0 is a free slot.
    private var slots: [UInt64]
    private var arena: [UInt8] = []
    /// Where each text ends in the arena; it begins where the one before it ends.
    private var ends: [Int] = []
    private let seed: UInt64

    /// An interner that knows no text.
    public init() {
        seed = ByteHash.seed
        slots = [UInt64](repeating: 0, count: 16)
    }

    /// How many different texts there are; ids are below it.
    public var count: Int { ends.count }

    /// The id of a text; a new one when it was not seen before. There are at most 2^32 - 1 ids.
    public mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        text.withUnsafeBufferPointer { bytes in
            let hash = ByteHash.hash(bytes, seed: seed)
            let slot = slot(of: bytes, hash: hash)
            if let id = Self.id(slots[slot]) { return id }
            return insert(bytes, hash: hash, at: slot)
        }
    }

    /// The id of a text, or nil when it was not interned.
    public func id(of text: Span<UInt8>) -> UInt32? {
        text.withUnsafeBufferPointer { bytes in
            Self.id(slots[slot(of: bytes, hash: ByteHash.hash(bytes, seed: seed))])
        }
    }

    /// The text of an id that `intern` gave.
    public subscript(id: UInt32) -> [UInt8] { Array(arena[range(id)]) }

    private func range(_ id: UInt32) -> Range<Int> {
        let index = Int(id)
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    @inline(__always)
    private static func id(_ slot: UInt64) -> UInt32? {
        slot == 0 ? nil : UInt32(truncatingIfNeeded: slot) &- 1
    }

    /// The slot that holds the text, or the free one where it belongs.
    private func slot(of text: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        // The table is never more than three quarters full, so a free slot ends every search.
        while let id = Self.id(slots[index]) {
            if slots[index] >> 32 == hash >> 32, isText(id, text) { break }
            index = (index + 1) & mask
        }
        return index
    }

    private func isText(_ id: UInt32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        arena.withUnsafeBufferPointer { sameBytes(UnsafeBufferPointer(rebasing: $0[range(id)]), text) }
    }

    private mutating func insert(_ text: UnsafeBufferPointer<UInt8>, hash: UInt64, at slot: Int) -> UInt32 {
        precondition(ends.count < Int(UInt32.max), "an interner holds at most 2^32 - 1 texts")
        let id = UInt32(truncatingIfNeeded: ends.count)
        arena.append(contentsOf: text)
        ends.append(arena.count)
        slots[slot] = (hash & ~0xFFFF_FFFF) | UInt64(id + 1)
        if ends.count * 4 > slots.count * 3 { grow() }
        return id
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = larger.count - 1
        for id in 0..<ends.count {
            let hash = arena.withUnsafeBufferPointer {
                ByteHash.hash(UnsafeBufferPointer(rebasing: $0[range(UInt32(truncatingIfNeeded: id))]), seed: seed)
            }
            var index = Int(truncatingIfNeeded: hash) & mask
            while larger[index] != 0 { index = (index + 1) & mask }
            larger[index] = (hash & ~0xFFFF_FFFF) | UInt64(id + 1)
        }
        slots = larger
    }
}
