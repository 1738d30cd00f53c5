import ArgumentParser
import TickerStore

/// Options of the commands that look after a store.
struct StoreCommandOptions: ParsableArguments {
    @OptionGroup var location: StoreLocation

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    /// As `StoreLocation.directory`.
    func directory() throws -> String { try location.directory() }

    /// As `StoreLocation.storeDirectory`.
    func storeDirectory(_ fileSystem: any FileSystem = PosixFileSystem()) throws -> String { try location.storeDirectory(fileSystem) }
}

/// Which store a command is about.
extension SettingOptions<StoreSettings> {
    /// The directory's path, whether it is there or not.
    func directory() throws -> String {
        // What is wrong with the rest of the file is no reason not to look after the store.
        try Settings.dataDirectory.resolve(Configuration(given))
    }

    /// The path of a directory that holds a store.
    ///
    /// - Throws: `CommandFailure`.
    func storeDirectory(_ fileSystem: any FileSystem = PosixFileSystem()) throws -> String {
        // What is wrong with the rest of the file is no reason not to look after the store.
        try Configuration(given).storeDirectory(fileSystem)
    }
}

extension Configuration {
    /// The path of a directory that holds a store.
    ///
    /// - Throws: `CommandFailure`; a command that looks after a store must not make one.
    func storeDirectory(_ fileSystem: any FileSystem = PosixFileSystem()) throws -> String {
        let directory = try Settings.dataDirectory.resolve(self)
        do throws(FileError) {
            // Without FORMAT, too, it can be one that is damaged; what opens it says so.
            let names = ["FORMAT", "MANIFEST.json", "MANIFEST.json.prev", "wal", "segments"]
            for name in names where try fileSystem.status(directory + "/" + name) != nil { return directory }
        } catch {
            throw CommandFailure(error.isPermission ? .permission : .failure, "cannot look into \(directory): \(error)")
        }
        throw CommandFailure(
            .failure,
            "\(directory) is no data directory; name one with --data-dir, or make one with: kasparro serve --data-dir \(directory)"
        )
    }
}
