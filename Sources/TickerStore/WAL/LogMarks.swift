/// Where records begin in one log file, one mark each 64 KiB at most: from the nearest one a reader finds any record in a few steps.
struct LogMarks: Sendable {
    private static let distance = 64 << 10
    private var offsets: [UInt32] = []

    /// Notes where a record's header is. In the order of the file.
    @inline(__always)
    mutating func note(_ offset: Int) {
        if let last = offsets.last, offset - Int(last) < Self.distance { return }
        offsets.append(UInt32(clamping: offset))
    }

    /// Where a record begins, at or before an offset.
    func start(before offset: Int) -> Int {
        let place = partition(offsets.indices) { Int(offsets[$0]) > offset }
        return place == 0 ? LogFormat.fileHeaderLength : Int(offsets[place - 1])
    }
}
