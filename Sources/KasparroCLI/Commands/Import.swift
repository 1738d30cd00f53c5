import ArgumentParser
import Glibc
import HTTPAPI
import Ingest
import MarketData
import Synchronization
import TickerStore

/// `kasparro import`: rows of an export back into a store.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store the rows of an export, NDJSON or CSV, plain or gzip.",
        discussion: """
            Rows that are there already are skipped, so an import that was interrupted is simply done again; rows of the same identity and other
            content are replaced. It stops at the first line that is no row and names it; what came before that line is stored. An export that was
            cut is noticed, except for a CSV cut exactly between two lines: NDJSON has a line that ends it.
              kasparro import all.ndjson.gz --data-dir new
              kasparro export --data-dir old | kasparro import - --data-dir new
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case ndjson, csv }

    @Argument(help: ArgumentHelp("The files; - is standard input.", valueName: "file"), completion: .file())
    var files: [String] = []

    @Option(name: .long, help: "How rows are written; found out if it is not said.")
    var format: Format?

    @Flag(name: .long, help: "Take the whole lines of an export that was cut.")
    var allowPartial = false

    @Flag(name: .long, help: "The CSV was exported with --raw.")
    var raw = false

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        var paths = files
        if paths.isEmpty {
            if isatty(STDIN_FILENO) == 1 { throw CommandFailure(.usage, "name the files to import; - is standard input") }
            paths = ["-"]
        }
        let wanted = ImportFiles.Options(
            format: format.flatMap { ImportText.Format(rawValue: $0.rawValue) },
            formulas: raw ? .raw : .escaped,
            allowsPartial: allowPartial
        )
        let id = RowImport.makeID(at: Timestamp(milliseconds: currentMilliseconds()), suffix: Self.suffix())
        let screen = TerminalScreen(environment: ProcessEnvironment.variables)
        let input = ImportFiles(paths, wanted)
        try input.check()
        let work = ImportWork(input, id: id) { report in
            screen?.show(["\(report.rows) rows stored"])
        }
        defer { screen?.show([]) }
        try work.begin()
        // An import may begin a store.
        let door = StoreDoor(dataDirectory: try options.directory(), command: "import")
        let outcome = try await door.work {
            try await work.send(to: $0)
        } alone: { store throws(StoreError) in
            let outcome = try work.store(in: store)
            try store.seal()
            return outcome
        }
        screen?.show([])
        let report = outcome.report
        if let failure = outcome.failure {
            throw CommandFailure(failure.code, "\(failure.message). \(count(report.rows, "row")) before it \(report.rows == 1 ? "is" : "are") stored")
        }
        print(
            options.json
                ? jsonText {
                    $0.member("id", id); report.appendMembers(to: &$0)
                } : Self.text(report)
        )
    }

    private static func text(_ report: ImportReport) -> String {
        var text = "\(count(report.rows, "row")): \(report.inserted) inserted, \(report.skipped) skipped because they were there"
        if report.updated > 0 { text += ", \(report.updated) put in the place of rows with other content" }
        return text
    }

    /// Six characters of a-z 0-9.
    private static func suffix() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<6).map { _ in letters.randomElement()! })
    }
}
