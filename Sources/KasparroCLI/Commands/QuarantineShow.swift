import ArgumentParser
import Glibc
import MarketData
import TickerStore

/// `kasparro quarantine show ID`
struct QuarantineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one quarantined record: where it came from, why it waits, and what it says; changes nothing.",
        discussion: """
            What a terminal would take for a command is shown as an escape; the exact bytes are printed with --raw.
              kasparro quarantine show 3f9ac1
              kasparro quarantine show 3f9ac1 --raw > record
            """
    )

    @Argument(help: ArgumentHelp("The record's id, or its first digits.", valueName: "id"))
    var id: String

    @Flag(name: .long, help: "Print the record's own bytes and nothing else.")
    var raw = false

    @OptionGroup var options: StoreCommandOptions

    func validate() throws {
        if raw, options.json { throw ValidationError("--raw and --json: only one of them can be printed") }
    }

    func run() async throws {
        let record = try await QuarantineDoor.open(try options.storeDirectory()).record(id)
        if raw {
            try Self.write(record.content)
        } else {
            print(options.json ? jsonText(record.appendMembers) : Self.text(record))
        }
    }

    /// Byte for byte, to standard output.
    private static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw CommandFailure(.failure, "standard output does not take the record") }
            rest = rest.dropFirst(written)
        }
    }

    private static func text(_ record: WaitingRecord) -> String {
        func member(_ name: String, _ value: String) -> String {
            name + String(repeating: " ", count: 11 - name.count) + TerminalText.line(Array(value.utf8))
        }
        var lines = [
            member("id", record.id.hexadecimal),
            member("source", record.source),
            member("reasons", record.reasons.joined(separator: ", ")),
            member("place", recordPlace(record.place, record.position)),
            member("fetched at", record.recordedAt.description),
            member("run", "\(record.runID), batch \(record.batch)"),
        ]
        if !record.header.isEmpty { lines.append("header     " + TerminalText.line(record.header)) }
        lines += ["record     " + count(record.content.count, "byte"), ""]
        return lines.joined(separator: "\n") + "\n" + TerminalText.lines(record.content, indentation: "    ")
    }
}
