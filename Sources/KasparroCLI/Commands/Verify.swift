import ArgumentParser
import HTTPAPI
import MarketData
import TickerStore

/// `kasparro verify`: is everything there, and whole?
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the store's files and say where they are damaged; changes nothing. Exit 0: clean, 65: not.",
        discussion: """
            Works beside a server, and on a backup.
              kasparro verify
              kasparro verify --deep --data-dir /backup/monday
            What it finds can be looked at with: kasparro repair
            """
    )

    @Flag(name: .long, help: "Read every row, not only every file's checksums.")
    var deep = false

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let directory = try options.storeDirectory()
        let report: VerifyReport
        do throws(StoreError) {
            report = try await OwnThread.run { [deep] () throws(StoreError) in
                try StoreVerification.run(path: directory, fileSystem: PosixFileSystem(), deep: deep)
            }
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
        print(options.json ? jsonText(report.appendMembers) : Self.text(report, directory))
        if !report.isClean {
            throw CommandFailure(
                .corruptData,
                "\(directory) is not whole; see what can be saved, which changes nothing: kasparro repair --data-dir \(directory)"
            )
        }
    }

    private static func text(_ report: VerifyReport, _ directory: String) -> String {
        var lines = report.findings.map { $0.text(in: directory) }
        lines.append(
            "\(directory): \(count(report.rows, report.isDeep ? "row" : "sealed row")), \(count(report.segments, "segment")) and \(count(report.logRecords, "log record")) "
                + "in \(count(report.files, "file")), \(sizeText(report.bytes)): \(report.isClean ? "clean" : "not clean")"
                + (report.isDeep ? "" : " (every row is read with --deep)")
        )
        return lines.joined(separator: "\n")
    }
}

extension Finding {
    /// One line: where, how bad, what.
    func text(in directory: String) -> String {
        "\(directory)/\(file)\(offset.map { ": offset \($0)" } ?? ""): \(severity.rawValue): \(what)"
            + (affected.isEmpty ? "" : "; affected: \(affected)")
    }
}
