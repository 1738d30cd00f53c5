import ArgumentParser
import Glibc
import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// `kasparro quarantine purge`
struct QuarantinePurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Take quarantined records out for good.",
        discussion: """
            At least one of --source, --reason and --older-than says which, or --all. Says how many there are, and asks first on a terminal.
              kasparro quarantine purge --source csv --reason ragged_row
              kasparro quarantine purge --older-than 30d --yes
            Their bytes go with the next merger of segments; with `kasparro compact` now.
            """
    )

    @Option(name: .long, help: ArgumentHelp("Records of this source.", valueName: "name"), completion: .sources)
    var source: String?

    @Option(name: .long, help: ArgumentHelp("Records with this among their reasons.", valueName: "reason"))
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("Records that were fetched longer ago: 30d, 12h.", valueName: "time"))
    var olderThan: String?

    @Flag(name: .long, help: "All records.")
    var all = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var options: StoreCommandOptions

    func validate() throws {
        let hasFilter = source != nil || reason != nil || olderThan != nil
        if !hasFilter, !all { throw ValidationError("which records? Give --source, --reason or --older-than, or --all") }
        if hasFilter, all { throw ValidationError("--all and a filter: only one of them can be meant") }
        if let olderThan, DurationText.milliseconds(olderThan) == nil {
            throw ValidationError("--older-than \(olderThan): a number with d, h, m or s is expected, such as 30d")
        }
    }

    func run() async throws {
        let directory = try options.storeDirectory()
        let age = olderThan.flatMap { DurationText.milliseconds($0) }
        let filter = QuarantineFilter(
            source: source,
            reason: reason,
            // An age that reaches behind the first second means nothing; a time before all times says so.
            recordedBefore: age.map { Timestamp(milliseconds: max(0, currentMilliseconds() - $0)) }
        )
        if !yes, isatty(STDIN_FILENO) == 1 {
            let found = try await QuarantineDoor.open(directory).count(filter)
            if found == 0 { return tell(0) }
            writeError("\(count(found, "record")) will be gone for good. Go on? [y/N] ", terminator: "")
            guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
                throw CommandFailure(.failure, "nothing was purged")
            }
        }
        let purged = try await StoreDoor(dataDirectory: directory, command: "quarantine purge").work { server in
            try await QuarantineDoor.purge(filter, isDry: false, server)
        } alone: { store throws(StoreError) in
            try store.purgeQuarantined(filter)
        }
        tell(purged)
    }

    private func tell(_ purged: Int) {
        if options.json {
            print(jsonText { $0.member("purged", purged) })
        } else {
            print(purged == 0 ? "nothing in quarantine is meant by that" : "\(count(purged, "quarantined record")) purged")
        }
    }
}
