import ArgumentParser
import MarketData
import TickerStore

/// `kasparro compact`: merge segments and drop superseded rows now.
struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge segments and drop superseded rows now; returns when it is done.",
        discussion: """
            A server does this by itself when it is worth the work. Works with and without one:
              kasparro compact
              kasparro status
            """
    )

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let door = StoreDoor(dataDirectory: try options.storeDirectory(), command: "compact")
        let report = try await door.work { server in
            guard let report = CompactionReport(try await server.post("/admin/compact")) else { throw RunningServer.unreadable("compaction") }
            return report
        } alone: { store throws(StoreError) in
            try store.compact()
        }
        print(options.json ? jsonText(report.appendMembers) : Self.text(report))
    }

    private static func text(_ report: CompactionReport) -> String {
        "\(count(report.segmentsBefore, "segment")), \(sizeText(report.bytesBefore)), became \(report.segmentsAfter), \(sizeText(report.bytesAfter)); "
            + "\(count(report.deadRowsDropped, "superseded row"))"
            + (report.deadRecordsDropped == 0 ? "" : " and \(count(report.deadRecordsDropped, "record")) taken out of the quarantine before")
            + " dropped"
    }
}
