/// What a store with many rows takes of the memory.
struct MemoryFigures {
    private let store: BigStore

    init(_ store: BigStore) { self.store = store }

    func measure(into report: inout Report) throws {
        let values = try Child.start("hold", store.path)
        // Number keys are looked at by queries over numbers only.
        let numberKeys = 4 * 8 * store.rows
        let mapped = try store.bytes(ending: ".idx") - numberKeys
        let opened = values["opened"] ?? 0
        report.add("mapped index without number keys", Double(mapped) / Double(store.rows), "bytes a row")
        report.add("RssAnon that opening adds", opened / Double(store.rows), "bytes a row")
        report.add("index in memory", (opened + Double(mapped)) / Double(store.rows), "bytes a row", .atMost(10))
        report.add("RssAnon after opening", opened / 1e6, "MB")
        report.add("RssAnon after walking 2,000 pages", (values["walked"] ?? 0) / 1e6, "MB")
        report.add("RssAnon after more reads", (values["held"] ?? 0) / 1e6, "MB", .atMost(250))
    }
}
