/// The newest finished runs, in memory; the older ones are in the store's `runs` family.
struct RecentRuns: Sendable {
    static let capacity = 100

    /// Oldest first.
    private(set) var runs: [RunRecord]
    /// Whether the store may have older ones.
    private var hasOlder: Bool

    /// - Parameters:
    ///   - runs: The newest that the store has, oldest first.
    ///   - hasOlder: Whether it may have more.
    init(_ runs: [RunRecord], hasOlder: Bool) {
        self.runs = runs
        self.hasOlder = hasOlder
    }

    /// The store's runs below this number are not in memory; nil: there are none.
    var olderBegin: Int? { hasOlder ? runs.first?.sequence ?? .max : nil }

    mutating func append(_ run: RunRecord) {
        var run = run
        run.list(run.batches.suffix(RunRecord.listedBatches))
        runs.append(run)
        guard runs.count > Self.capacity else { return }
        runs.removeFirst()
        hasOlder = true
    }
}

/// Which runs a list is to have.
struct RunFilter: Sendable {
    /// A status' name.
    var status: String?
    /// A source that the run was over.
    var source: String?

    func matches(_ run: RunRecord) -> Bool {
        if let status, run.status.rawValue != status { return false }
        if let source, !run.sources.contains(source) { return false }
        return true
    }
}
