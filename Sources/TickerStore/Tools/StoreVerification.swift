/// Looks for damage in a data directory, in use or not. Changes nothing and takes no lock.
package enum StoreVerification {
    /// How often the check begins again because a server has replaced what was being read.
    private static let attempts = 5

    /// - Parameters:
    ///   - path: The data directory.
    ///   - deep: Every row; else every file's checksums, and the log.
    /// - Throws: When there is no data directory, a newer program wrote it, or it cannot be read at all. Damage is no error, but a finding.
    package static func run(path: String, fileSystem: any FileSystem, deep: Bool) throws(StoreError) -> VerifyReport {
        let directory = DataDirectory(path: path, fileSystem: fileSystem)
        var attempt = 1
        while true {
            var report = VerifyReport()
            report.isDeep = deep
            let known = try DirectoryCheck(directory)
            report.findings = known.findings
            report.files = known.files
            report.bytes = known.bytes
            guard let manifest = known.manifest else { return report }
            var check = StoreCheck(directory, manifest, deep: deep)
            check.mayBeInUse = attempt < attempts
            try check.run()
            attempt += 1
            if check.isOutdated { continue }
            report.findings += check.findings
            report.files += check.files
            report.bytes += check.bytes
            report.rows = check.rows
            report.segments = manifest.segments.count
            report.logRecords = check.log.records
            return report
        }
    }
}
