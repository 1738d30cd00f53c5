import ArgumentParser
import HTTPAPI
import MarketData
import TickerStore

/// `kasparro status`: what a store holds and how it is.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the store holds, and how its server is if one runs; changes nothing.",
        discussion: """
              kasparro status
              kasparro status --json
            """
    )

    @OptionGroup var options: StoreCommandOptions

    func run() async throws {
        let fileSystem = PosixFileSystem()
        let directory = try options.storeDirectory(fileSystem)
        let storeID = StatusReport.storeID(of: directory, fileSystem)
        let report: String
        if let server = try await RunningServer.find(directory) {
            report = try await StatusReport.beside(server, storeID: storeID)
        } else {
            let result: Result<String, CommandFailure> = await OwnThread.run {
                let holder = LockText.silentHolder(of: directory, fileSystem)
                do throws(CommandFailure) {
                    let (statistics, counts) = try storeWork { () throws(StoreError) in
                        try StoreStatus.read(path: directory, fileSystem: fileSystem)
                    }
                    return .success(StatusReport.alone(directory, storeID: storeID, holder: holder, statistics, counts))
                } catch {
                    return .failure(error)
                }
            }
            report = try result.get()
        }
        print(options.json ? report : StatusReport.text(report))
    }
}
