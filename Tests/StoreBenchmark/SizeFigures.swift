/// What the sealed lines take on the disk, beside `gzip -6` of the same lines in the same order.
struct SizeFigures {
    private let store: BigStore

    init(_ store: BigStore) { self.store = store }

    func measure(into report: inout Report) throws {
        let own = try store.bytes(ending: ".jsonl.gz")
        let files = quoted(store.path) + "/segments/tickers/*.jsonl.gz"
        let lines = try number("zcat \(files) | wc -c")
        let gzip = try number("zcat \(files) | gzip -6 | wc -c")
        report.add("lines", Double(lines) / Double(store.rows), "bytes a row")
        report.add("sealed lines", Double(own) / Double(store.rows), "bytes a row")
        report.add("sealed lines beside gzip -6", Double(own) / Double(gzip), "×", .atMost(1.25))
    }

    private func number(_ command: String) throws -> Int { Int(try shell(command).first ?? "") ?? 0 }
}
