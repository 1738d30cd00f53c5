/// Makes a damaged data directory whole again, as far as it can be.
package enum StoreRepair {
    /// - Parameters:
    ///   - path: The data directory.
    ///   - apply: Do it; else nothing is changed, and the report says what would be done.
    ///   - holder: What `LOCK` says meanwhile.
    ///   - forgetting: Which keys of the state must go when rows are lost, so that they are read again.
    /// - Throws: `.locked` when the directory is in use, `.cannotCreate` when it is none, and when files cannot be read or written. What a repair
    ///   that fails has done so far does no harm: the next one begins again.
    package static func run(
        path: String,
        fileSystem: any FileSystem,
        apply: Bool,
        holder: String,
        forgetting: ReadingMemory = ReadingMemory()
    ) throws(StoreError) -> RepairReport {
        let directory = DataDirectory(path: path, fileSystem: fileSystem)
        let lock = try lock(directory, holder: holder)
        defer { withExtendedLifetime(lock) {} }
        let target: any FileSystem = apply ? fileSystem : OverlayFileSystem(over: fileSystem)
        var job = try RepairJob(DataDirectory(path: path, fileSystem: target), forgetting)
        try job.run()
        var report = job.report
        report.applied = apply && !report.actions.isEmpty
        return report
    }

    /// The lock alone: a damaged FORMAT must not keep us out.
    private static func lock(_ directory: DataDirectory, holder: String) throws(StoreError) -> DirectoryLock {
        _ = try DirectoryCheck(directory)
        return try DirectoryLock(directory.path, holder: holder, fileSystem: directory.fileSystem, advice: "stop that one first")
    }
}
