import ArgumentParser
import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// `kasparro repair`: make a damaged store usable again, and say what is lost.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what it takes to make a damaged store usable again; with --apply, do it.",
        discussion: """
            No server may run meanwhile. Without --apply nothing is changed: exit 0 when there is nothing to do, 1 when there is. With it the
            originals are moved aside, not deleted: exit 0, or 65 when rows are lost.
              kasparro repair
              kasparro repair --apply
              kasparro verify --deep
            """
    )

    @Flag(name: .long, help: "Do it.")
    var apply = false

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let fileSystem = PosixFileSystem()
        let directory = try options.storeDirectory(fileSystem)
        let apply = apply
        let result: Result<RepairReport, CommandFailure> = await OwnThread.run {
            do throws(CommandFailure) {
                try LockText.requireFree(directory, fileSystem, advice: "stop it before a repair")
                return .success(
                    try storeWork { () throws(StoreError) in
                        if apply { try StoreOwner.refuseRoot(directory) }
                        return try StoreRepair.run(
                            path: directory,
                            fileSystem: fileSystem,
                            apply: apply,
                            holder: LockText.make(command: "repair"),
                            forgetting: SourceMemory.forRepair
                        )
                    }
                )
            } catch {
                return .failure(error)
            }
        }
        let report = try result.get()
        print(options.json ? jsonText(report.appendMembers) : Self.text(report, directory))
        if report.applied {
            if !report.lost.isEmpty {
                throw CommandFailure(.corruptData, "\(directory) can be used again, but not everything could be saved; see above")
            }
        } else if !report.isEmpty {
            throw CommandFailure(.failure, "nothing was changed; to do this: kasparro repair --apply --data-dir \(directory)")
        }
    }

    private static func text(_ report: RepairReport, _ directory: String) -> String {
        var lines = report.findings.map { $0.text(in: directory) }
        lines += report.actions.map { (report.applied ? "done: " : "to do: ") + $0 }
        lines += report.lost.map { (report.applied ? "lost: " : "would be lost: ") + $0 }
        if let originals = report.originals { lines.append("The originals are in \(originals).") }
        if report.isEmpty { lines.append("\(directory): nothing to repair") }
        return lines.joined(separator: "\n")
    }
}

/// Gives a failure of the store the exit code that it has for a command.
func storeWork<Value>(_ body: () throws(StoreError) -> Value) throws(CommandFailure) -> Value {
    do throws(StoreError) {
        return try body()
    } catch {
        throw CommandFailure(ExitStatus(error.kind), error.message)
    }
}

extension RepairReport {
    /// Whether there is nothing to do, and nothing that cannot be done.
    fileprivate var isEmpty: Bool { actions.isEmpty && lost.isEmpty }
}
