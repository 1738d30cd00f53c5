/// `.repair`: names the log files and segments that a repair makes, below the data directory, until a manifest lists them.
///
/// A repair that was cut short leaves them behind; what they hold is still where it came from, so the next one removes them.
enum RepairMark {
    static let name = ".repair"

    static func read(_ directory: DataDirectory) -> [String] {
        guard let bytes = try? directory.fileSystem.contents(directory.path + "/" + name) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("wal/") || $0.hasPrefix("segments/")
        }
    }

    static func write(_ names: [String], in directory: DataDirectory) throws(StoreError) {
        let text = names.map { $0 + "\n" }.joined()
        try storing { () throws(FileError) in try directory.fileSystem.replace(name, in: directory.path, with: Array(text.utf8)) }
    }

    /// Removes the files that it names and no manifest lists.
    static func removeLeftovers(_ directory: DataDirectory, listedIn manifest: Manifest?) throws(StoreError) {
        var listed = Set(manifest?.logFiles.map { "wal/" + $0 } ?? [])
        for family in Family.allCases { listed.formUnion(manifest?.fileNames(of: family).map { "segments/\(family.name)/\($0)" } ?? []) }
        try storing { () throws(FileError) in
            for file in read(directory) where !listed.contains(file) {
                guard try directory.fileSystem.status(directory.path + "/" + file) != nil else { continue }
                try directory.fileSystem.remove(directory.path + "/" + file)
                try directory.fileSystem.syncDirectory(directory.path + "/" + file[..<file.lastIndex(of: "/")!])
            }
        }
    }

    static func remove(from directory: DataDirectory) throws(StoreError) {
        try storing { () throws(FileError) in
            guard try directory.fileSystem.status(directory.path + "/" + name) != nil else { return }
            try directory.fileSystem.remove(directory.path + "/" + name)
            try directory.fileSystem.syncDirectory(directory.path)
        }
    }
}
