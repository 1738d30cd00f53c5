/// Finds the rows of many series in one group, when they are asked for in the order of their ranks.
struct RunFinder {
    private let group: RowGroup
    private let rank: [UInt32]
    /// No series to come has an earlier run.
    private var run = 0

    /// - Parameter rank: Of every series now.
    init(_ group: RowGroup, rank: [UInt32]) {
        self.group = group
        self.rank = rank
    }

    /// The rows of a series, dead ones included; nil when it has none here.
    mutating func rows(ofSeries number: UInt32) -> Range<Int>? {
        let wanted = rank[Int(number)]
        guard run < group.runs else { return nil }
        // Where nearly all series are asked for, each is the next one.
        if rank(run) < wanted { run = partition(run + 1..<group.runs) { rank($0) >= wanted } }
        guard run < group.runs, rank(run) == wanted else { return nil }
        defer { run += 1 }
        return group.rows(ofRun: run)
    }

    private func rank(_ run: Int) -> UInt32 { rank[Int(group.series(ofRun: run))] }
}
