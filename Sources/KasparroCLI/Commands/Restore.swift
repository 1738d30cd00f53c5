import ArgumentParser
import HTTPAPI
import MarketData
import TickerStore

/// `kasparro restore`: a backup becomes a data directory.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a backup into the data directory, which must be empty or absent.",
        discussion: """
            The backup is checked and stays as it is. Nothing is overwritten: move an old data directory out of the way first.
              kasparro restore /backup/monday --data-dir new
              kasparro serve --data-dir new
            """
    )

    @Argument(help: ArgumentHelp("The directory that kasparro backup made.", valueName: "dir"), completion: .directory)
    var backup: String

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let fileSystem = PosixFileSystem()
        let directory = try options.directory()
        let backup = backup
        let result: Result<BackupReport, CommandFailure> = await OwnThread.run {
            do throws(CommandFailure) {
                try LockText.requireFree(
                    directory,
                    fileSystem,
                    advice: "restore into another --data-dir, or stop that one and move the directory away"
                )
                return .success(
                    try storeWork { () throws(StoreError) in
                        try StoreRestore.run(from: backup, to: directory, fileSystem: fileSystem)
                    }
                )
            } catch {
                return .failure(error)
            }
        }
        let report = try result.get()
        print(options.json ? jsonText(report.appendMembers) : Self.text(report, directory))
    }

    private static func text(_ report: BackupReport, _ directory: String) -> String {
        """
        \(directory): \(count(report.rows, "row")) in \(count(report.files, "file")), \(sizeText(report.bytes)), up to record \(report.lastLSN)
        To serve it: kasparro serve --data-dir \(directory)
        """
    }
}
