import Glibc
import TickerStore

/// How long commits take while nothing else happens, and while segments are written and merged without a pause.
struct LatencyFigures {
    private static let commits = 1_500
    private static let batchRows = 1_000
    private static let spacingMicroseconds: UInt32 = 5_000

    private let settings: Settings
    private let path: String

    init(_ settings: Settings) {
        self.settings = settings
        path = settings.directory + "/latency"
    }

    func measure(into report: inout Report) throws {
        defer { try? removeDirectory(path) }
        var options = StoreOptions()
        options.sealRows = .max
        options.logFileBytes = 2 << 30
        let quiet = try commit(options) { _ in }
        report.add("commit of 1,000 rows, nothing else going on, median", quiet.median * 1e3, "ms")
        report.add("the same, 99th percentile", quiet.percentile(99) * 1e3, "ms")
        let busy = try commit(StoreOptions()) { store in
            // Ends with the store: each call fails when that is closed.
            try! startThread {
                var round = 0
                while true {
                    round += 1
                    guard (try? round % 4 == 0 ? _ = store.compact() : store.seal()) != nil else { return }
                }
            }
        }
        report.add("commit while segments are written and merged, median", busy.median * 1e3, "ms")
        report.add("the same, 99th percentile", busy.percentile(99) * 1e3, "ms")
        report.add("the same, longest", busy.maximum * 1e3, "ms")
        report.add("99th percentile beside the quiet median", busy.percentile(99) / quiet.median, "×", .atMost(10))
    }

    private func commit(_ options: StoreOptions, beside work: (Store) -> Void) throws -> Samples {
        try removeDirectory(path)
        try makeDirectory(path)
        let store = try Store(path: path + "/store", options: options)
        work(store)
        var history = History(series: settings.series)
        var samples = Samples()
        for _ in 0..<Self.commits {
            let batch = history.batch(Self.batchRows)
            usleep(Self.spacingMicroseconds)
            samples.add(try seconds { _ = try store.commit(batch) })
        }
        tell("# \(store.statistics.jobsDone) pieces of maintenance meanwhile")
        try store.close()
        return samples
    }
}
