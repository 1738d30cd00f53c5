import Glibc
import TickerStore

/// What stands in `<data-dir>/LOCK` about the process that has the directory open.
enum LockText {
    /// - Parameters:
    ///   - command: the command that the process runs.
    ///   - socket: the name of its control socket below the data directory; nil when it has none.
    static func make(command: String, socket: String? = nil) -> String {
        // Messages quote the first line only.
        "pid \(getpid()), kasparro \(BuildInformation.version) \(command)" + (socket.map { "\nsocket \($0)" } ?? "")
    }

    /// Refuses when another process has the data directory, naming it; for commands that change files under everybody's feet.
    ///
    /// - Parameter advice: what to do about it, after a semicolon.
    static func requireFree(_ dataDirectory: String, _ fileSystem: any FileSystem, advice: String) throws(CommandFailure) {
        let holder: String?
        do throws(FileError) {
            holder = try DataDirectoryHolder.name(of: dataDirectory, fileSystem)
        } catch {
            throw CommandFailure(error.isPermission ? .permission : .failure, "cannot see whether \(dataDirectory) is in use: \(error)")
        }
        if let holder { throw CommandFailure(.locked, "\(dataDirectory) is in use by \(holder); \(advice)") }
    }

    /// Who has the directory open while nobody answers on its control socket, as a sentence; nil when nobody has, or that cannot be seen.
    static func silentHolder(of dataDirectory: String, _ fileSystem: any FileSystem = PosixFileSystem()) -> String? {
        guard let holder = (try? DataDirectoryHolder.name(of: dataDirectory, fileSystem)) ?? nil else { return nil }
        return holder.hasSuffix(" serve")
            ? "a server (\(holder)) has the data directory open: it is starting, or does not answer"
            : "no server; \(holder) has the data directory open"
    }
}
