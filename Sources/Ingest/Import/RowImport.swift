package import MarketData
package import TickerStore

/// Makes batches of rows that an export wrote, each checked as strictly as a row of any source.
///
/// Imported rows belong to the sources that they name. They are no run: nothing was fetched, tested or mapped. Their raw record is the line itself,
/// under an id that begins with `import_`.
package struct RowImport {
    /// Rows of a batch, at most: each batch waits for the disk once.
    package static let batchRows = 5_000
    /// Room for a line beside the raw record, which is as long.
    private static let lineBytes = 4_096
    private static let members: Set<String> = [
        "symbol", "name", "price_usd", "volume_24h", "market_cap", "percent_change_24h", "timestamp", "source", "source_id",
    ]

    private let runID: String
    private let now: Timestamp
    private var number: Int
    private var draft: RowDraft
    /// By source; a batch has one.
    private var builders: [(source: String, builder: BatchBuilder)] = []
    private var waiting = 0

    /// - Parameters:
    ///   - runID: as `makeID` gives it.
    ///   - now: the clock; a row a day ahead of it is refused.
    ///   - number: of the first batch.
    package init(runID: String, now: Timestamp, number: Int = 1) {
        self.runID = runID
        self.now = now
        self.number = number
        draft = RowDraft(now: now)
    }

    /// `import_YYYYMMDD_HHMMSS_xxxxxx`.
    package static func makeID(at time: Timestamp, suffix: String) -> String {
        "import" + RunID.make(at: time, suffix: suffix).dropFirst(3)
    }

    /// Whether a text is such an id.
    package static func isID(_ text: String) -> Bool {
        text.hasPrefix("import_") && text.utf8.count <= 40
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// Rows that are in no batch yet.
    package var isEmpty: Bool { waiting == 0 }

    /// Takes a row.
    ///
    /// - Parameter line: a JSON object with the members of a row and no others, without a line end.
    /// - Returns: A batch that is full, to be committed.
    package mutating func add(_ line: [UInt8]) throws(ImportProblem) -> Batch? {
        let source = try read(line)
        let index = place(of: source)
        var full: Batch?
        if builders[index].builder.isFull(adding: 2 * line.count + Self.lineBytes, rows: Self.batchRows) { full = take(index) }
        builders[index].builder.append(draft) { $0.append(contentsOf: line) }
        waiting += 1
        // Many sources with a few rows each: the one with most goes.
        if full == nil, waiting >= Self.batchRows {
            full = take(builders.indices.max { builders[$0].builder.records < builders[$1].builder.records }!)
        }
        return full
    }

    /// The rows that wait, a batch for each source; nil when there are none left.
    package mutating func takeRest() -> Batch? {
        builders.indices.first { !builders[$0].builder.isEmpty }.map { take($0) }
    }

    private mutating func take(_ index: Int) -> Batch {
        waiting -= builders[index].builder.records
        defer { number += 1 }
        return builders[index].builder.take(origin: BatchOrigin(runID: runID, number: number, source: builders[index].source, fetchedAt: now))
    }

    private mutating func place(of source: String) -> Int {
        if let index = builders.firstIndex(where: { $0.source == source }) { return index }
        // Sources that have nothing waiting need not be remembered.
        if builders.count >= Self.batchRows { builders.removeAll { $0.builder.isEmpty } }
        builders.append((source, BatchBuilder(source: source)))
        return builders.count - 1
    }

    /// Puts the row of a line into the draft, and gives its source.
    private mutating func read(_ line: [UInt8]) throws(ImportProblem) -> String {
        let root: JSONValue
        do {
            root = try JSONDocument(parsing: line).root
        } catch {
            throw ImportProblem("no JSON: \(error)")
        }
        guard root.kind == .object else { throw ImportProblem("no JSON object") }
        var values: [String: JSONValue] = [:]
        for (key, value) in root.members {
            guard let name = key.string, Self.members.contains(name) else {
                throw ImportProblem(
                    "“\(key.string?.prefix(64) ?? "")” is no member of a row; known are \(Self.members.sorted().joined(separator: ", "))"
                )
            }
            guard values.updateValue(value, forKey: name) == nil else { throw ImportProblem("“\(name)” is there twice") }
        }
        draft.begin()
        for (name, field) in [
            ("symbol", TickerField.symbol), ("name", .name), ("source_id", .sourceID), ("timestamp", .timestamp),
        ] {
            guard let value = values[name] else { continue }
            guard case .string = value.kind else { throw ImportProblem("“\(name)” is no text") }
            draft.set(field, json: value)
        }
        for (name, field) in [
            ("price_usd", TickerField.price), ("volume_24h", .volume), ("market_cap", .marketCap), ("percent_change_24h", .percentChange),
        ] {
            guard let value = values[name], !value.isNull else { continue }
            guard case .number = value.kind else { throw ImportProblem("“\(name)” is no number") }
            draft.set(field, json: value)
        }
        guard draft.finish() else { throw ImportProblem(reasons: draft.reasons) }
        guard let source = values["source"]?.string, SourceCatalog.isName(source) else {
            throw ImportProblem("“source” is missing, or no name of a source: 1 to 64 of the characters a-z 0-9 _ -")
        }
        return source
    }
}
