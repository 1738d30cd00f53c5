import ArgumentParser
import MarketData
import Synchronization
import TickerStore

/// `kasparro export`: rows as NDJSON or CSV.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write all rows, or those that filters mean, as NDJSON or CSV; changes nothing.",
        discussion: """
            The export is of one moment, also while a server writes. NDJSON has the rows as they are stored and ends with a line that counts them.
              kasparro export --output all.ndjson
              kasparro export --gzip --output all.ndjson.gz
              kasparro export --format csv --symbol BTC,ETH --from 2024-12-01 | head
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case ndjson, csv }
    enum Direction: String, ExpressibleByArgument, CaseIterable { case asc, desc }

    @Option(name: .long, help: "How rows are written.")
    var format = Format.ndjson

    @OptionGroup var filters: RowFilterOptions

    @Option(name: .long, help: "Write rows by time; without it they come in the order that is quickest.")
    var sortDir: Direction?

    @Option(
        name: .long,
        help: ArgumentHelp("Write to this file, which is replaced when the export is whole.", valueName: "file"),
        completion: .file()
    )
    var output: String?

    @Flag(name: .long, help: "Compress with gzip.")
    var gzip = false

    @Flag(name: .long, help: "In CSV, leave texts as they are that a spreadsheet would run as formulas.")
    var raw = false

    @Flag(name: .long, help: "Print a JSON object about the file; with --output.")
    var json = false

    @OptionGroup var location: StoreLocation

    func validate() throws {
        if json, output == nil { throw ValidationError("--json is about a file; add --output, or leave it out: NDJSON is JSON") }
        if raw, format != .csv { throw ValidationError("--raw is about CSV; add --format csv") }
    }

    func run() async throws {
        let directory = try location.storeDirectory()
        var query = filters.query + [("format", format.rawValue)]
        if let sortDir { query.append(("sort_dir", sortDir.rawValue)) }
        if raw { query.append(("raw", "1")) }
        if let output { try Self.refuseStoreFile(output, directory) }
        let door = try await DataDoor.open(directory)
        let file = try OutputFile(output)
        let bytes = Mutex(0)
        do {
            _ = try await door.get("/data/export", query: query, acceptsGzip: gzip) { piece throws(CommandFailure) in
                try file.write(piece)
                bytes.withLock { $0 += piece.count }
            }
            try file.finish()
        } catch {
            file.discard()
            throw error
        }
        guard let output else { return }
        report(output, bytes: bytes.withLock { $0 })
    }

    /// A file among the store's own would be moved out of the way at the next start, or be in the place of one.
    private static func refuseStoreFile(_ output: String, _ directory: String) throws(CommandFailure) {
        let path = try absolutePath(output)
        guard (try? StoreTerritory.contains(path, of: directory, PosixFileSystem())) == true else { return }
        throw CommandFailure(.cannotCreate, "\(output) would be among the store's own files in \(directory); name another place with --output")
    }

    private func report(_ output: String, bytes size: Int) {
        if json {
            print(
                jsonText { writer in
                    writer.member("output", output)
                    writer.member("format", format.rawValue)
                    writer.member("gzip", gzip)
                    writer.member("bytes", size)
                }
            )
        } else {
            writeError("kasparro: \(output): \(sizeText(size))")
        }
    }
}
