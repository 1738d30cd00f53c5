/// One bit per row of a group: superseded. Copied when it changes, so that a reader's snapshot stays as it was; a group's bits are at most 8 KiB.
struct DeadRows: Sendable {
    /// Lowest bit first; empty while no row is dead.
    private(set) var words: [UInt64] = []
    private(set) var count = 0

    init() {}

    /// - Parameters:
    ///   - bits: One bit a row of a segment, lowest bit first; empty: none is dead.
    ///   - first: The group's first row in the segment.
    ///   - rows: Rows of the group.
    init(bits: [UInt64], from first: Int, count rows: Int) {
        if bits.isEmpty { return }
        for row in 0..<rows where bits[(first + row) / 64] & (1 << UInt64((first + row) % 64)) != 0 { insert(row, of: rows) }
    }

    @inline(__always)
    func contains(_ row: Int) -> Bool {
        guard count > 0 else { return false }
        return words[row / 64] & (1 << UInt64(row % 64)) != 0
    }

    /// - Parameter rows: Rows of the group.
    /// - Returns: Whether the row was alive.
    @discardableResult
    mutating func insert(_ row: Int, of rows: Int) -> Bool {
        if words.isEmpty { words = [UInt64](repeating: 0, count: (rows + 63) / 64) }
        let mask: UInt64 = 1 << UInt64(row % 64)
        guard words[row / 64] & mask == 0 else { return false }
        words[row / 64] |= mask
        count += 1
        return true
    }

    /// How many of these rows are dead.
    func count(in rows: Range<Int>) -> Int {
        if count == 0 { return 0 }
        var result = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / 64 + 1) * 64)
            let width = UInt64(end - row)
            let mask = width == 64 ? UInt64.max : ((1 << width) - 1) << UInt64(row % 64)
            result += (words[row / 64] & mask).nonzeroBitCount
            row = end
        }
        return result
    }

    /// The dead rows, ascending.
    var rows: [Int] {
        var result: [Int] = []
        result.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                result.append(64 * index + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return result
    }
}
