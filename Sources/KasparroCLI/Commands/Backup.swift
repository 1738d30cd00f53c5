import ArgumentParser
import MarketData
import TickerStore

/// `kasparro backup`: a consistent copy, also while the store is written to.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a consistent copy of the store in a new directory, also while a server writes to it.",
        discussion: """
            The copy is itself a data directory. On the same file system its files are further names (hard links) of the store's own, which costs
            no space and is no protection against a broken disk: copy it on, or use --copy.
              kasparro backup /backup/monday
              kasparro verify --deep --data-dir /backup/monday
              kasparro restore /backup/monday --data-dir new
            """
    )

    @Argument(help: ArgumentHelp("The directory to make; it must be empty or absent.", valueName: "dir"))
    var target: String

    @Flag(name: .long, help: "Copy files where links would do.")
    var copy = false

    @Flag(name: .long, help: "Also copy the token and the JWT key.")
    var includeSecrets = false

    @Flag(name: .long, help: "Also copy the inbox.")
    var includeInbox = false

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let door = StoreDoor(dataDirectory: try options.storeDirectory(), command: "backup")
        // The server has a working directory of its own.
        let path = try absolutePath(target)
        let extras = (includeSecrets ? ["token", "jwt.key"] : []) + (includeInbox ? ["inbox"] : [])
        let query = [("path", path), ("copy", "\(copy)"), ("include_secrets", "\(includeSecrets)"), ("include_inbox", "\(includeInbox)")]
        let report = try await door.work { server in
            guard let report = BackupReport(try await server.post("/admin/backup", query: query)) else { throw RunningServer.unreadable("backup") }
            return report
        } alone: { [copy] store throws(StoreError) in
            try store.backup(to: path, copy: copy, extras: extras)
        }
        print(options.json ? jsonText(report.appendMembers) : Self.text(report))
    }

    private static func text(_ report: BackupReport) -> String {
        var lines = [
            "\(report.path): \(count(report.rows, "row")) in \(count(report.files, "file")), \(sizeText(report.bytes)), up to record \(report.lastLSN)"
        ]
        if report.isLinked {
            lines.append("The files are hard links: the same disk holds both. Copy the directory elsewhere, or use --copy and another disk.")
        }
        lines.append("To get it back: kasparro restore \(report.path) --data-dir NEW")
        return lines.joined(separator: "\n")
    }
}
