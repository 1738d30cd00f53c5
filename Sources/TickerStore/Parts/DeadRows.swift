/// One bit per row: superseded. Chunks of 8 KiB are copied on write, so that a reader's snapshot stays as it was.
struct DeadRows: Sendable {
    private static let rowsPerChunk = 65_536
    private var chunks: [[UInt64]] = []
    private(set) var count = 0

    @inline(__always)
    func contains(_ row: Int) -> Bool {
        guard count > 0 else { return false }
        let chunk = row / Self.rowsPerChunk
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return false }
        let bit = row % Self.rowsPerChunk
        return chunks[chunk][bit / 64] & (1 << UInt64(bit % 64)) != 0
    }

    mutating func insert(_ row: Int) {
        let chunk = row / Self.rowsPerChunk
        while chunks.count <= chunk { chunks.append([]) }
        if chunks[chunk].isEmpty { chunks[chunk] = [UInt64](repeating: 0, count: Self.rowsPerChunk / 64) }
        let bit = row % Self.rowsPerChunk
        let mask: UInt64 = 1 << UInt64(bit % 64)
        if chunks[chunk][bit / 64] & mask == 0 {
            chunks[chunk][bit / 64] |= mask
            count += 1
        }
    }
}
