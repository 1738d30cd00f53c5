import ArgumentParser
import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// `kasparro mappings`: which fields of the sources give which of ours, and what people say about that.
struct Mappings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which fields of the sources give which of ours; approve or forbid what was found out.",
        discussion: """
            What is surely meant is used by itself; what may be meant waits until somebody says so:
              kasparro mappings list
              kasparro mappings approve csv Close=price_usd
              kasparro quarantine replay --source csv
            """,
        subcommands: [List.self, Approve.self, Forbid.self, Reset.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what is used, what waits for a judgement, and what is forbidden.")

        @OptionGroup var options: StoreCommandOptions
        @Argument(help: ArgumentHelp("Only this source.", valueName: "source"), completion: .sources)
        var source: String?

        func run() async throws {
            let entries = try await entries(try options.storeDirectory())
            guard !options.json else {
                print(
                    jsonText { writer in
                        writer.array("mappings", entries) { writer, entry in
                            writer.beginObject()
                            entry.appendMembers(to: &writer)
                            writer.endObject()
                        }
                    }
                )
                return
            }
            let what = source.map { "No record of \($0) has been read so far" } ?? "No record has been read so far"
            print(entries.isEmpty ? "\(what); load something with: kasparro run" : MappingsText(entries: entries).text)
        }

        /// From the server, or from the store's files, of which no byte is changed.
        private func entries(_ directory: String) async throws -> [MappingEntry] {
            if let server = try await RunningServer.find(directory) {
                let answer = try await server.get("/admin/mappings", query: source.map { [("source", $0)] } ?? [])
                return answer.member("mappings")?.elements.compactMap { MappingEntry($0) } ?? []
            }
            do throws(StoreError) {
                let state = try await OwnThread.run { () throws(StoreError) in
                    try StoreStatus.state(path: directory, fileSystem: PosixFileSystem())
                }
                return [MappingEntry](state: state, source: source)
            } catch {
                throw CommandFailure(ExitStatus(error.kind), error.message)
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a field of a source gives one of ours.",
            discussion: "  kasparro mappings approve csv Close=price_usd"
        )
        @OptionGroup var change: ChangeOptions
        func run() async throws { try await change.say(.approve) }
    }

    struct Forbid: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a field of a source does not give one of ours, or, without one, that it gives nothing.",
            discussion: "  kasparro mappings forbid csv vol_7d=volume_24h"
        )
        @OptionGroup var change: ChangeOptions
        func run() async throws { try await change.say(.forbid) }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget what was said about a field, or about a whole source, and have its fields looked at anew.",
            discussion: "  kasparro mappings reset csv"
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("The source's name.", valueName: "source"), completion: .sources)
        var source: String
        @Argument(help: ArgumentHelp("The field, as the source's records name it; without it all of them.", valueName: "field"))
        var field: String?
        @Flag(name: .long, help: "Print a JSON object.")
        var json = false

        func run() async throws {
            try await Mappings.say(MappingChange(action: .reset, source: source, field: field, target: nil), common, json: json)
        }
    }

    /// What `approve` and `forbid` take.
    struct ChangeOptions: ParsableArguments {
        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("The source's name.", valueName: "source"), completion: .sources)
        var source: String
        @Argument(help: ArgumentHelp("The field as the source's records name it, and the one of ours it gives.", valueName: "field[=target]"))
        var pair: String
        @Flag(name: .long, help: "Print a JSON object.")
        var json = false

        func say(_ action: MappingChange.Action) async throws {
            // The source's own name may hold an equals sign; ours do not.
            let mark = pair.lastIndex(of: "=")
            let field = mark.map { String(pair[..<$0]) } ?? pair
            let target = mark.map { String(pair[pair.index(after: $0)...]) }
            try await Mappings.say(MappingChange(action: action, source: source, field: field, target: target), common, json: json)
        }
    }

    private static func say(_ change: MappingChange, _ common: CommonOptions, json: Bool) async throws {
        let message = try await ask(common) { server in
            var query = [(name: "action", value: change.action.rawValue), (name: "source", value: change.source)]
            if let field = change.field { query.append(("field", field)) }
            if let target = change.target { query.append(("target", target)) }
            guard let message = try await server.post("/admin/mappings", query: query).member("message")?.string else {
                throw RunningServer.unreadable("mapping")
            }
            return message
        } alone: { runs throws(MappingChange.Failure) in
            try runs.change(change)
        }
        print(json ? jsonText { $0.member("message", message) } : TerminalText.line(Array(message.utf8)))
    }

    private static func ask<Answer: Sendable>(
        _ common: CommonOptions,
        beside: (RunningServer) async throws -> Answer,
        alone: @escaping @Sendable (RunService) throws(MappingChange.Failure) -> Answer
    ) async throws -> Answer {
        let configuration = try Configuration(common.given)
        // A typing error must not make a store and tell that one.
        _ = try configuration.storeDirectory()
        do {
            return try await RunsDoor(configuration: configuration, keepsEverything: true, command: "mappings")
                .work(beside: beside, alone: alone)
        } catch let failure as MappingChange.Failure {
            throw CommandFailure(failure.isOfStore ? .failure : .usage, failure.description)
        }
    }
}

/// Mappings as a person reads them: a table, the fields that give nothing, and what to type about those that wait.
struct MappingsText {
    private let entries: [MappingEntry]
    /// By source, in the order of the sources.
    private let unmapped: [(source: String, fields: [String])]

    init(entries: [MappingEntry]) {
        self.entries = entries.filter { $0.status != .unmapped }
        var unmapped: [(source: String, fields: [String])] = []
        for entry in entries where entry.status == .unmapped {
            if unmapped.last?.source != entry.source { unmapped.append((entry.source, [])) }
            unmapped[unmapped.count - 1].fields.append(entry.from)
        }
        self.unmapped = unmapped
    }

    var text: String {
        let rows = entries.map { entry in [entry.source, Self.shown(entry.from), entry.to ?? "(nothing)", Self.how(entry)] }
        let table = [["source", "its field", "our field", "how"]] + rows
        let widths = (0..<3).map { column in table.map { $0[column].count }.max() ?? 0 }
        var lines: [String] = []
        for (index, row) in table.enumerated() {
            lines.append((0..<3).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) + "  " }.joined() + row[3])
            if index > 0, entries[index - 1].status == .quarantined {
                lines += entries[index - 1].reasons.map { "    \(Self.shown($0))" }
            }
        }
        if !unmapped.isEmpty { lines.append("") }
        lines += unmapped.map { "gives nothing in \($0.source): " + $0.fields.map(Self.shown).joined(separator: ", ") }
        if let waiting = entries.first(where: { $0.status == .quarantined }) {
            lines += [
                "",
                "To use what waits: kasparro mappings approve \(waiting.source) \(Self.shown(shellQuoted("\(waiting.from)=\(waiting.to ?? "")")))",
            ]
        } else if let (source, fields) = unmapped.first {
            lines += [
                "",
                "To use one of them: kasparro mappings approve \(source) \(Self.shown(shellQuoted("\(fields[0])=FIELD"))), FIELD being one of ours",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// A stranger's text, harmless for a terminal.
    private static func shown(_ text: String) -> String { TerminalText.line(Array(text.utf8)) }

    private static func how(_ entry: MappingEntry) -> String {
        let confidence = entry.confidence.map { RunRecord.Mapping.literal(hundredths: $0) } ?? ""
        return switch entry.status {
        case .applied: entry.origin == "inferred" ? "found out, \(confidence)" : entry.origin == "exact" ? "exact name" : entry.origin ?? ""
        case .quarantined: "waits for a judgement, \(confidence)"
        case .approved: "approved; no record has had it since"
        case .forbidden: "forbidden"
        case .unmapped: "gives nothing"
        }
    }
}
