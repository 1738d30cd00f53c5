/// Makes a data directory out of a backup.
package enum StoreRestore {
    /// Checks every byte of the backup, copies it, and makes it a data directory last: a restore that was cut short is none, and the next one says what to do.
    ///
    /// What else lies in the backup (`token`, `jwt.key`, `inbox`) comes along.
    ///
    /// - Parameters:
    ///   - backup: A data directory that is not in use.
    ///   - path: A directory that does not exist yet, or is empty.
    /// - Throws: `.corrupt` when the backup is damaged, `.cannotCreate` when `path` is not empty.
    package static func run(from backup: String, to path: String, fileSystem: any FileSystem) throws(StoreError) -> BackupReport {
        try refuseCutShort(path, fileSystem)
        guard try !storing({ () throws(FileError) in try fileSystem.lies(path, in: backup) }) else {
            throw StoreError(.cannotCreate, "\(path) lies in the backup \(backup) itself; name a directory outside of it with --data-dir")
        }
        let verified = try StoreVerification.run(path: backup, fileSystem: fileSystem, deep: true)
        if let finding = verified.findings.first(where: { $0.severity != .note }) {
            throw StoreError(
                .corrupt,
                "\(backup)/\(finding.file): \(finding.what)\(finding.affected.isEmpty ? "" : " (\(finding.affected))"). Nothing was restored: "
                    + "use another backup, or run `kasparro repair` on a copy of this one"
            )
        }
        let source = DataDirectory(path: backup, fileSystem: fileSystem)
        guard let manifest = try source.readManifest() else {
            throw StoreError(.cannotCreate, "\(backup) holds no store; nothing was restored")
        }
        let target = DataDirectory(path: path, fileSystem: fileSystem)
        var copier = FileCopier(fileSystem: fileSystem, links: false)
        try copier.makeEmptyDirectory(path)
        try copy(manifest, from: source, to: target, &copier)
        // (last) FORMAT, then the manifest: without them this is no data directory.
        let history = manifest.withNewHistory.encoded()
        var (files, bytes) = (copier.files + 1, copier.bytes + history.count)
        for name in ["FORMAT", "CLEAN"] {
            guard let contents = try storing({ () throws(FileError) in try fileSystem.contents(backup + "/" + name, limit: 64 << 20) }) else {
                continue
            }
            try storing { () throws(FileError) in try fileSystem.replace(name, in: path, with: contents) }
            files += 1
            bytes += contents.count
        }
        try storing { () throws(FileError) in
            try fileSystem.replace(Manifest.fileName, in: path, with: history)
            try fileSystem.remove(path + "/" + mark)
            try fileSystem.syncDirectory(path)
        }
        var report = BackupReport(path: path)
        report.files = files
        report.bytes = bytes
        report.rows = verified.rows
        report.lastLSN = lastLSN(manifest, source)
        return report
    }

    /// Lies in the target until the restore is complete. It does not begin with a dot, and sorts first: a start refuses the directory and names it.
    private static let mark = "RESTORE-INCOMPLETE"

    private static func refuseCutShort(_ path: String, _ fileSystem: any FileSystem) throws(StoreError) {
        guard try storing({ () throws(FileError) in try fileSystem.status(path + "/" + mark) }) != nil else { return }
        throw StoreError(.cannotCreate, "\(path) holds a restore that was cut short; remove the directory, then restore again")
    }

    private static func copy(_ manifest: Manifest, from source: DataDirectory, to target: DataDirectory, _ copier: inout FileCopier)
        throws(StoreError)
    {
        let fileSystem = target.fileSystem
        let text = "This directory is being restored from \(source.path). If nobody is at it any more: remove the directory and restore again.\n"
        try storing { () throws(FileError) in
            try fileSystem.replace(mark, in: target.path, with: Array(text.utf8))
            for folder in [target.walPath, target.setAsidePath] { try fileSystem.makeDirectory(folder) }
        }
        try target.makeSegmentDirectories()
        for name in manifest.logFiles { try copier.copy(source.walPath + "/" + name, to: target.walPath + "/" + name) }
        for family in Family.allCases {
            for name in manifest.fileNames(of: family).sorted() {
                try copier.copy(source.path(of: family) + "/" + name, to: target.path(of: family) + "/" + name)
            }
        }
        if let state = manifest.state { try copier.copy(source.statePath + "/" + state.name, to: target.statePath + "/" + state.name) }
        let names = try storing { () throws(FileError) in try fileSystem.list(source.path) }
        for name in ["token", "jwt.key", "inbox"] where names.contains(name) {
            try copier.copyTree(source.path + "/" + name, to: target.path + "/" + name)
        }
        try target.syncSegmentDirectories(Set(Family.allCases))
        try storing { () throws(FileError) in
            for folder in [target.walPath, target.statePath, target.path] { try fileSystem.syncDirectory(folder) }
        }
    }

    private static func lastLSN(_ manifest: Manifest, _ source: DataDirectory) -> UInt64 {
        CleanMarker.read(from: source, storeID: manifest.storeID) ?? max(manifest.durableLSN, manifest.firstLSN - 1)
    }
}
