import ArgumentParser
import HTTPAPI
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

    @Argument(help: ArgumentHelp("The directory to make; it must be empty or absent.", valueName: "dir"), completion: .directory)
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
            let before = Self.format(in: path)
            let answer: JSONValue
            do {
                answer = try await server.post("/admin/backup", query: query)
            } catch let failure as CommandFailure {
                throw Self.asTheServers(failure, path)
            }
            guard let report = BackupReport(answer) else { throw RunningServer.unreadable("backup") }
            // A service may have a file system of its own, where the same path is another place.
            guard let made = Self.format(in: path), made != before else { throw Self.unseen(path) }
            return report
        } alone: { [copy] store throws(StoreError) in
            let report = try store.backup(to: path, copy: copy, extras: extras)
            LastBackup().note(at: currentMilliseconds(), in: store)
            return report
        }
        print(options.json ? jsonText(report.appendMembers) : Self.text(report))
    }

    /// What makes a directory a data directory; nil where none is seen.
    private static func format(in path: String) -> FileStatus? { (try? PosixFileSystem().status(path + "/FORMAT")) ?? nil }

    /// The server's refusal, and whose it is where the user's own rights do not matter.
    static func asTheServers(_ failure: CommandFailure, _ path: String) -> CommandFailure {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) + "/." } ?? "."
        if failure.message.contains(" does not exist"), (try? PosixFileSystem().status(parent)) ?? nil != nil {
            return CommandFailure(failure.code, "the server sees no such directory: " + failure.message + ". " + otherDirectories)
        }
        guard failure.code == .permission || failure.message.contains("Read-only file system") else { return failure }
        return CommandFailure(
            failure.code,
            failure.message + "; it is the server, as its own user, that writes the copy. Name a directory that it may write in: as a service, "
                + "it must be in ReadWritePaths= of the unit, see BACKUP AND RESTORE in the manual"
        )
    }

    /// The server has made a copy, and it is not where it was to be.
    static func unseen(_ path: String) -> CommandFailure {
        CommandFailure(
            .failure,
            "the server has made a copy in \(path), and this command sees none there. " + otherDirectories
        )
    }

    private static let otherDirectories =
        "The server's service has other directories under that name, such as a /tmp of its own (PrivateTmp=). Choose another directory"

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
