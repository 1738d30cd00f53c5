import ArgumentParser
import MarketData
import TickerStore

/// `kasparro quarantine list`
struct QuarantineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List quarantined records, newest first; changes nothing.",
        discussion: """
              kasparro quarantine list
              kasparro quarantine list --source csv --reason bad_number --limit 100
              kasparro quarantine list --json | jq -r '.records[].content'
            """
    )

    @Option(name: .long, help: ArgumentHelp("Only records of this source.", valueName: "name"), completion: .sources)
    var source: String?

    @Option(name: .long, help: ArgumentHelp("Only records with this among their reasons, such as bad_number.", valueName: "reason"))
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("How many.", valueName: "number"))
    var limit = 20

    @OptionGroup var options: StoreCommandOptions

    /// Digits of an id that are shown; two of a million records begin alike in one case of hundreds.
    private static let idDigits = 12
    private static let contentBytes = 100
    /// Records that are held at once.
    private static let pageLength = 100

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): at least 1 is expected") }
    }

    func run() async throws {
        let door = try await QuarantineDoor.open(try options.storeDirectory())
        let filter = QuarantineFilter(source: source, reason: reason)
        var position: QuarantinePosition?
        var shown = 0
        if options.json { print(#"{"records":["#, terminator: "") }
        repeat {
            let page = try await door.page(filter, before: position, limit: min(limit - shown, Self.pageLength))
            for record in page.records {
                print(options.json ? (shown == 0 ? "" : ",") + jsonText(record.appendMembers) : text(record), terminator: options.json ? "" : "\n")
                shown += 1
            }
            position = page.next
        } while position != nil && shown < limit
        if options.json {
            print(#"],"has_more":\#(position != nil)}"#)
        } else if shown == 0 {
            print(filter.isEmpty ? "nothing is in quarantine" : "nothing in quarantine is meant by that")
        } else {
            print(
                "\n\(count(shown, "record"))" + (position == nil ? "" : "; there are more: --limit \(limit * 5)")
                    + ". One of them: kasparro quarantine show ID"
            )
        }
    }

    private func text(_ record: WaitingRecord) -> String {
        var content = TerminalText.line(Array(record.content.prefix(Self.contentBytes)))
        if record.content.count > Self.contentBytes { content += "…" }
        let head = [
            String(record.id.hexadecimal.prefix(Self.idDigits)), record.recordedAt.description, record.source,
            record.reasons.joined(separator: ","), recordPlace(record.place, record.position),
        ]
        return head.map { TerminalText.line(Array($0.utf8)) }.joined(separator: "  ") + "\n    " + content
    }
}
