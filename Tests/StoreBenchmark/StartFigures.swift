/// How long a start takes until the first page is read.
struct StartFigures {
    private static let rounds = 5
    private static let killedRounds = 3

    private let store: BigStore

    init(_ store: BigStore, _ settings: Settings) { self.store = store }

    func measure(into report: inout Report) throws {
        var clean = Samples()
        for _ in 0..<Self.rounds { clean.add((try Child.start("open", store.path)["start"] ?? .infinity) * 1_000) }
        report.add("clean start until the first page, files in the page cache", clean.median, "ms", .atMost(100))
        var cold = Samples()
        for _ in 0..<Self.rounds {
            try forget(store.path)
            cold.add((try Child.start("open", store.path)["start"] ?? .infinity) * 1_000)
        }
        report.add("the same, files not in the page cache", cold.median, "ms")
        var killed = Samples()
        for _ in 0..<Self.killedRounds {
            let copy = try store.copy(to: "killed")
            let filled = try Child.start("fill", copy, isExpectedToSucceed: false)
            let opened = try Child.start("open", copy)
            guard let rows = filled["rows"], opened["rows"] == Double(store.rows) + rows else { throw Problem("rows were lost by kill -9") }
            killed.add(opened["start"] ?? .infinity)
            try removeDirectory(copy)
        }
        report.add("start after kill -9 with a full log until the first page", killed.median, "s", .atMost(1.5))
    }

    /// Asks the kernel to drop a directory's files from its cache.
    private func forget(_ path: String) throws {
        try shell("sync; find \(quoted(path)) -type f -exec dd if={} iflag=nocache count=0 status=none \\;")
    }
}
