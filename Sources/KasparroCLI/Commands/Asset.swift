import ArgumentParser
import MarketData

/// `kasparro asset [NAME]`: the files that the binary carries.
struct Asset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a file that this program carries: manual, unit, dashboard, alert rules and more; without a name, list them.",
        discussion: """
              kasparro asset
              kasparro asset man | man -l -
              kasparro asset openapi > openapi.json
              sudo kasparro asset --all /usr/local
            """
    )

    @Argument(help: ArgumentHelp("Which one.", valueName: "name"), completion: .list(BundledFile.all.map(\.name)))
    var name: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Write all of them below this directory, each into its place, as share/man/man1/kasparro.1.", valueName: "dir"),
        completion: .directory
    )
    var all: String?

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func validate() throws {
        if name != nil, all != nil { throw ValidationError("a name and --all: one file or all of them") }
        if let all, all.isEmpty { throw ValidationError("--all: the path of a directory is expected") }
    }

    func run() throws {
        if let all {
            let places = try BundledFile.all.map { try $0.write(below: all) }
            print(json ? jsonText { $0.array("written", places) { $0.string($1) } } : places.joined(separator: "\n"))
        } else if let name {
            try printFile(try file(name))
        } else {
            print(json ? jsonText { $0.array("assets", BundledFile.all) { $1.append(to: &$0) } } : Self.table)
        }
    }

    private func file(_ name: String) throws -> BundledFile {
        if let file = BundledFile.named(name) { return file }
        let names = BundledFile.all.map(\.name)
        let nearest = NearestName.of(name, among: names + BundledFile.all.map(\.fileName)).map { " Did you mean \($0)?" } ?? ""
        throw CommandFailure(.usage, "\(name): there is no such file.\(nearest) There are \(names.joined(separator: ", ")).")
    }

    private func printFile(_ file: BundledFile) throws {
        guard !json else {
            print(
                jsonText { writer in
                    file.appendMembers(to: &writer)
                    writer.member("content", String(decoding: file.content(), as: UTF8.self))
                }
            )
            return
        }
        let output = try OutputFile(nil)
        let bytes = file.content()
        try bytes.span.withUnsafeBytes { (bytes) throws(CommandFailure) in try output.write(bytes) }
    }

    /// A line for each.
    private static var table: String {
        let names = BundledFile.all.map(\.name)
        let places = BundledFile.all.map(\.place)
        func padded(_ text: String, like texts: [String]) -> String {
            text + String(repeating: " ", count: (texts.map(\.count).max() ?? 0) + 2 - text.count)
        }
        return BundledFile.all.map { padded($0.name, like: names) + padded($0.place, like: places) + $0.summary }.joined(separator: "\n")
    }
}

extension BundledFile {
    fileprivate func append(to writer: inout JSONWriter) {
        writer.beginObject()
        appendMembers(to: &writer)
        writer.endObject()
    }

    fileprivate func appendMembers(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("place", place)
        writer.member("summary", summary)
        writer.member("bytes", content().count)
    }
}
