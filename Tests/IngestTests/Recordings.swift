import TickerStore

/// Recorded files of real sources, where the machine has them beside the package.
enum Recordings {
    static let directory: String? = {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = root + "/../shared/data"
        return (try? PosixFileSystem().status(path))?.map { _ in path }
    }()

    /// Files with this ending, one directory down, in name order.
    static func files(ending: String) -> [String] {
        guard let directory else { return [] }
        let disk = PosixFileSystem()
        return ((try? disk.list(directory)) ?? []).flatMap { item in
            ((try? disk.list(directory + "/" + item)) ?? []).filter { $0.hasSuffix(ending) }.map { "\(directory)/\(item)/\($0)" }
        }
    }
}
