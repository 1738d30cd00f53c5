import ArgumentParser

/// The filters of `/data` as options.
struct RowFilterOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Only these symbols, with commas between them.", valueName: "symbols"))
    var symbol: String?

    @Option(name: .long, help: ArgumentHelp("Only rows of these sources, with commas between them.", valueName: "sources"), completion: .sources)
    var source: String?

    @Option(name: .long, help: ArgumentHelp("Only the coin with this id of its source.", valueName: "id"))
    var sourceId: String?

    @Option(name: .long, help: ArgumentHelp("Only rows from this time on, such as 2024-12-15 or 2024-12-15T14:30:00Z.", valueName: "time"))
    var from: String?

    @Option(name: .long, help: ArgumentHelp("Only rows before this time.", valueName: "time"))
    var to: String?

    /// As query parameters.
    var query: [(name: String, value: String)] {
        [("symbol", symbol), ("source", source), ("source_id", sourceId), ("from", from), ("to", to)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }
}
