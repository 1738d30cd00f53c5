import ArgumentParser
import Glibc
import HTTPAPI
import Ingest
import Synchronization
import TickerStore

/// `kasparro query`: the rows of `/data` on the command line.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show rows, newest first, as /data of the server does; changes nothing.",
        discussion: """
            Without --format rows are a table on a terminal, and one JSON object a line elsewhere.
              kasparro query --symbol BTC --limit 5
              kasparro query --source csv --sort-by price_usd --format csv
              kasparro query --json | jq .pagination
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, ndjson, csv, json }

    @OptionGroup var filters: RowFilterOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "timestamp, symbol, source, price_usd, volume_24h, market_cap or percent_change_24h. (default: timestamp)",
            valueName: "field"
        ),
        completion: .list(RowOrder.all.map(\.name))
    )
    var sortBy: String?

    @Option(name: .long, help: ArgumentHelp("desc or asc. (default: desc)", valueName: "direction"), completion: .list(["desc", "asc"]))
    var sortDir: String?

    @Option(name: .long, help: ArgumentHelp("How many rows, 1 to 1000. (default: 50)", valueName: "number"))
    var limit: String?

    @Option(name: .long, help: ArgumentHelp("Go on where a query ended, which printed this.", valueName: "cursor"))
    var cursor: String?

    @Option(name: .long, help: ArgumentHelp("This page, from 1.", valueName: "number"))
    var page: String?

    @Option(name: .long, help: ArgumentHelp("lineage: also where each row came from.", valueName: "what"), completion: .list(["lineage"]))
    var include: String?

    @Option(name: .long, help: "How rows are shown.")
    var format: Format?

    @OptionGroup var options: StoreCommandOptions

    func validate() throws {
        if options.json, let format, format != .json { throw ValidationError("--json and --format \(format.rawValue) contradict each other") }
    }

    func run() async throws {
        let directory = try options.storeDirectory()
        let shown = options.json ? .json : format ?? (isatty(STDOUT_FILENO) == 1 ? .table : .ndjson)
        var query = filters.query
        for (name, value) in [
            ("sort_by", sortBy), ("sort_dir", sortDir), ("limit", limit), ("cursor", cursor), ("page", page), ("include", include),
        ] {
            if let value { query.append((name, value)) }
        }
        query.append(("format", shown == .table ? Format.ndjson.rawValue : shown.rawValue))
        let body = Mutex<[UInt8]>([])
        let header = try await DataDoor.open(directory).get("/data", query: query) { piece throws(CommandFailure) in
            body.withLock { $0.append(contentsOf: piece) }
        }
        var bytes = body.withLock { $0 }
        let next = header("X-Next-Cursor")
        if shown == .table {
            guard let table = RowTable(bytes) else { throw RunningServer.unreadable("rows") }
            bytes = Array((table.isEmpty ? "no rows\n" : table.lines.joined(separator: "\n") + "\n").utf8)
        }
        if shown == .json { bytes.append(0x0A) }
        let output = try OutputFile(nil)
        try await OwnThread.run { [bytes] () throws(CommandFailure) in
            let result = bytes.withUnsafeBytes { piece -> Result<Void, CommandFailure> in
                do throws(CommandFailure) { return .success(try output.write(piece)) } catch { return .failure(error) }
            }
            try result.get()
        }
        if let next, shown == .table { writeError("\nThere are more rows: \(command(next))") }
    }

    /// The command for the page behind; filters and order are in the cursor.
    private func command(_ next: String) -> String {
        let given =
            StoreSettings.settings.map { ($0.option, options.location.given[$0.key]) } + [
                ("--limit", limit), ("--include", include), ("--format", format?.rawValue), ("--cursor", next),
            ]
        return given.reduce("kasparro query") { text, option in option.1.map { "\(text) \(option.0) \(shellQuoted($0))" } ?? text }
    }
}
