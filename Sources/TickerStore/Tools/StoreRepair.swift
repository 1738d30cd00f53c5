/// Makes a damaged data directory whole again, as far as it can be.
package enum StoreRepair {
    /// - Parameters:
    ///   - path: The data directory.
    ///   - apply: Do it; else nothing is changed, and the report says what would be done.
    ///   - holder: What `LOCK` says meanwhile.
    /// - Throws: `.locked` when the directory is in use, `.cannotCreate` when it is none, and when files cannot be read or written. What a repair
    ///   that fails has done so far does no harm: the next one begins again.
    package static func run(path: String, fileSystem: any FileSystem, apply: Bool, holder: String) throws(StoreError) -> RepairReport {
        let directory = DataDirectory(path: path, fileSystem: fileSystem)
        let lock = try lock(directory, holder: holder)
        defer { withExtendedLifetime(lock) {} }
        let target: any FileSystem = apply ? fileSystem : OverlayFileSystem(over: fileSystem)
        var job = try RepairJob(DataDirectory(path: path, fileSystem: target))
        try job.run()
        var report = job.report
        report.applied = apply && !report.actions.isEmpty
        return report
    }

    /// The lock alone: a damaged FORMAT must not keep us out.
    private static func lock(_ directory: DataDirectory, holder: String) throws(StoreError) -> any File {
        _ = try DirectoryCheck(directory)
        let path = directory.path + "/LOCK"
        let file = try storing { () throws(FileError) in try directory.fileSystem.open(path, .openOrCreate) }
        guard try storing({ () throws(FileError) in try file.tryLock() }) else {
            let owner = ((try? directory.fileSystem.contents(path)) as [UInt8]??) ?? nil
            let name = String(decoding: (owner ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
            throw StoreError(.locked, "\(directory.path) is in use by \(name.isEmpty ? "another process" : name); stop that one first")
        }
        try storing { () throws(FileError) in
            try file.truncate(to: 0)
            try file.write(all: Array((holder + "\n").utf8), at: 0)
        }
        return file
    }
}
