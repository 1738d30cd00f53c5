/// The hash index over all rows that are not sealed: (series, timestamp) → where the live line is.
///
/// All lines are in one log file. Open addressing with linear probing in one flat array, 16 bytes a slot, at most 3/4 full: looking a key up
/// touches one line of the processor's cache, and a Swift dictionary of the same content takes more than twice the memory.
struct KeyIndex: Sendable {
    private struct Slot {
        var timestamp: Int64 = 0
        var series = KeyIndex.empty
        /// Of the line in the file.
        var offset: UInt32 = 0
    }

    private var slots: [Slot]
    /// The file's number.
    private var file = 0
    private(set) var count = 0
    private var mask: Int
    /// No key is earlier or later. History comes mostly in the order of time, so most files need not be searched for a new row.
    private var earliest = Int64.max
    private var latest = Int64.min

    private static let empty = UInt32.max

    init(minimumCapacity: Int = 1024) {
        var capacity = 1024
        while capacity * 3 < minimumCapacity * 4 { capacity *= 2 }
        slots = [Slot](repeating: Slot(), count: capacity)
        mask = capacity - 1
    }

    @inline(__always)
    private func slot(_ series: UInt32, _ timestamp: Int64) -> Int {
        var hash = UInt64(bitPattern: timestamp) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(series) &* 0xC2B2_AE3D_27D4_EB4F
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 29
        return Int(truncatingIfNeeded: hash) & mask
    }

    /// The place of a key, or of the empty slot where it would go.
    @inline(__always)
    private func find(_ number: UInt32, _ timestamp: Int64) -> Int {
        var position = slot(number, timestamp)
        while slots[position].series != Self.empty && (slots[position].series != number || slots[position].timestamp != timestamp) {
            position = (position + 1) & mask
        }
        return position
    }

    /// The live line of a key.
    func locator(series number: UInt32, timestamp: Int64) -> LineLocator? {
        if timestamp < earliest || timestamp > latest { return nil }
        let slot = slots[find(number, timestamp)]
        return slot.series == Self.empty ? nil : LineLocator(file: file, offset: Int(slot.offset))
    }

    /// Points a key at its new live line; gives the line it pointed at before.
    @discardableResult
    mutating func set(series number: UInt32, timestamp: Int64, to locator: LineLocator) -> LineLocator? {
        precondition(count == 0 || locator.file == file, "an index is of one log file")
        if (count + 1) * 4 > (mask + 1) * 3 { grow() }
        let position = find(number, timestamp)
        let old = slots[position]
        slots[position] = Slot(timestamp: timestamp, series: number, offset: UInt32(locator.offset))
        if old.series != Self.empty { return LineLocator(file: file, offset: Int(old.offset)) }
        file = locator.file
        count += 1
        earliest = min(earliest, timestamp)
        latest = max(latest, timestamp)
        return nil
    }

    /// Removes a key, closing the gap so that every other key is still found from its own slot.
    mutating func remove(series number: UInt32, timestamp: Int64) {
        var gap = find(number, timestamp)
        guard slots[gap].series != Self.empty else { return }
        count -= 1
        var position = gap
        while true {
            position = (position + 1) & mask
            if slots[position].series == Self.empty { break }
            let home = slot(slots[position].series, slots[position].timestamp)
            // The entry may move into the gap unless its home lies cyclically behind it.
            if (position - home) & mask >= (position - gap) & mask {
                slots[gap] = slots[position]
                gap = position
            }
        }
        slots[gap] = Slot()
    }

    private mutating func grow() {
        var larger = KeyIndex(minimumCapacity: (mask + 1) * 3 / 2)
        for slot in slots where slot.series != Self.empty {
            larger.set(series: slot.series, timestamp: slot.timestamp, to: LineLocator(file: file, offset: Int(slot.offset)))
        }
        self = larger
    }
}
