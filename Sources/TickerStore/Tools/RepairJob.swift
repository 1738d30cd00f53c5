import MarketData

/// One repair. Every step leaves a directory that can be repaired again:
///
/// everything new is written beside what is there; then comes one manifest that lists the new; then the originals are moved out of the way.
struct RepairJob {
    let directory: DataDirectory
    var report = RepairReport()
    var manifest: Manifest
    var aside: SetAside
    /// Whether the manifest has to be written.
    var isChanged = false
    /// Files that the new manifest does not list any more.
    var obsolete: [String] = []
    /// Whether rows are lost that may have replaced older ones.
    var hasLostRows = false
    var rebuildsDeadRows = false
    /// Whose rows or quarantined records are lost; the sources can be asked for them again.
    var loss = LostSources()
    let memory: ReadingMemory
    private var announced: [String] = []
    private let known: DirectoryCheck
    private let hasManifest: Bool

    init(_ directory: DataDirectory, _ memory: ReadingMemory = ReadingMemory()) throws(StoreError) {
        self.directory = directory
        self.memory = memory
        known = try DirectoryCheck(directory)
        hasManifest = known.manifest != nil
        let empty = Manifest(storeID: StoreID(high: 0, low: 0), generation: 1, created: 0, durableLSN: 0, firstLSN: 1, logFiles: [])
        manifest = known.manifest ?? empty
        aside = SetAside(directory, generation: (known.manifest ?? known.previous)?.generation ?? 0)
    }

    mutating func run() throws(StoreError) {
        report.findings = known.findings
        if known.isUnborn { return }
        try RepairMark.removeLeftovers(directory, listedIn: known.manifest)
        if known.hasBadFormat { try writeFormat() }
        if !hasManifest {
            guard try replaceManifest() else { return }
        }
        var check = StoreCheck(directory, manifest, deep: true)
        check.mayBeInUse = false
        check.checksDeadRows = !rebuildsDeadRows
        try check.run()
        // What is not right in a manifest that we have just made is nobody's damage.
        report.findings += check.findings.filter { hasManifest || $0.file != Manifest.fileName }
        if known.hasBadMarker { try dropMarker("CLEAN is damaged; it is taken away") }
        try repairLog(check)
        if check.hasBadState { dropState() }
        var verdicts = check.verdicts
        try repairSegments(&verdicts)
        if rebuildsDeadRows || hasLostRows || check.hasWrongDeadRows || verdicts.contains(where: \.hasDoubtfulDeadRows) {
            try repairDeadRows(verdicts)
        }
        try forgetReading()
        if isChanged { try publish() }
        for file in obsolete { try aside.move(file) }
        try RepairMark.remove(from: directory)
        if !report.actions.isEmpty { report.originals = aside.path }
    }

    // MARK: The directory

    private mutating func writeFormat() throws(StoreError) {
        try aside.keep("FORMAT")
        try storing { () throws(FileError) in
            try directory.fileSystem.replace("FORMAT", in: directory.path, with: Array(DataDirectory.formatText.utf8))
        }
        report.actions.append("FORMAT is written anew")
    }

    /// Puts a manifest in the place of one that cannot be read; false when there is nothing that could be listed.
    private mutating func replaceManifest() throws(StoreError) -> Bool {
        if let previous = known.previous, try hasAllFiles(previous) {
            manifest = previous
            manifest.generation += 2
            report.actions.append(
                "the manifest before the damaged one, generation \(previous.generation), takes its place: all files that it lists are there"
            )
        } else {
            var rebuild = ManifestRebuild(directory, previous: known.previous)
            guard let rebuilt = try rebuild.run() else {
                report.lost.append("nothing in the directory tells what it held; restore a backup, or begin with an empty directory")
                return false
            }
            manifest = rebuilt
            rebuildsDeadRows = true
            report.lost += rebuild.lost
            if !rebuild.lost.isEmpty { loss.addAll() }
            let segments = "\(rebuilt.segments.count) segment\(rebuilt.segments.count == 1 ? "" : "s")"
            report.actions.append(
                "the manifest is made anew from what is there: \(segments), \(rebuilt.logFiles.count) log file\(rebuilt.logFiles.count == 1 ? "" : "s")"
            )
        }
        isChanged = true
        return true
    }

    private func hasAllFiles(_ manifest: Manifest) throws(StoreError) -> Bool {
        var paths = manifest.logFiles.map { directory.walPath + "/" + $0 }
        if let state = manifest.state { paths.append(directory.statePath + "/" + state.name) }
        for family in Family.allCases { paths += manifest.fileNames(of: family).map { directory.path(of: family) + "/" + $0 } }
        return try storing { () throws(FileError) in
            for path in paths where try directory.fileSystem.status(path) == nil { return false }
            return true
        }
    }

    /// Names files that are about to be made, so that they are removed if the repair is cut short.
    mutating func announce(_ files: [String]) throws(StoreError) {
        announced += files
        try RepairMark.write(announced, in: directory)
    }

    mutating func dropMarker(_ why: String) throws(StoreError) {
        try aside.move("CLEAN")
        report.actions.append(why)
    }

    private mutating func dropState() {
        guard let state = manifest.state else { return }
        manifest.state = nil
        isChanged = true
        obsolete.append("state/" + state.name)
        report.actions.append("state/\(state.name) is taken off the list; the state is what the log says of it")
        report.lost.append(
            "checkpoints, quotas and counters as they were up to record \(manifest.firstLSN - 1), unless the log has newer ones: "
                + "sources are read from the start again, and nothing is stored twice"
        )
    }

    private mutating func publish() throws(StoreError) {
        // What somebody has read may be gone, and its numbers come again.
        manifest = manifest.withNewHistory
        manifest.generation += 1
        manifest.segments.sort { ($0.family.rawValue, $0.id) < ($1.family.rawValue, $1.id) }
        // Out of the way first: writing the new one would put the damaged one in the place of a good `MANIFEST.json.prev`.
        if !hasManifest { try aside.move(Manifest.fileName) }
        try directory.write(manifest)
    }

    // MARK: The log

    private mutating func repairLog(_ check: StoreCheck) throws(StoreError) {
        guard !check.log.losses.isEmpty || check.log.mustBeRewritten || !check.unlistedLogs.isEmpty else { return }
        let names = (manifest.logFiles + check.unlistedLogs).sorted()
        // CLEAN would call records durable that the new log does not have.
        let clean = CleanMarker.read(from: directory, storeID: manifest.storeID) ?? 0
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: max(manifest.durableLSN, clean))
        let first = try highestLSN(names, max(check.log.highestLSN, clean, manifest.durableLSN)) + 1
        try announce(["wal/" + LogFormat.fileName(firstLSN: first)])
        var rewrite = try LogRewrite(directory, storeID: manifest.storeID, firstLSN: first)
        let outcome = try walk.run(names) { (batch) throws(StoreError) in try rewrite.add(batch) }
        let last = try rewrite.finish()
        for loss in outcome.losses where !loss.affected.isEmpty {
            report.lost.append("\(loss.file), offset \(loss.offset): \(loss.affected) of the log")
        }
        for finding in outcome.findings where finding.severity == .damage { report.lost.append("\(finding.file): \(finding.affected)") }
        if !outcome.losses.isEmpty || outcome.findings.contains(where: { $0.severity == .damage }) {
            hasLostRows = true
            loss.addAll()
        }
        report.actions.append("the log is written anew: \(rewrite.batches) whole batches, now records \(first) to \(last), in wal/\(rewrite.name)")
        if clean > 0 { try dropMarker("CLEAN, which tells of the old log, is taken away") }
        obsolete += names.map { "wal/" + $0 }
        manifest.logFiles = [rewrite.name]
        manifest.firstLSN = first
        manifest.durableLSN = last
        isChanged = true
    }

    /// The highest LSN that any of the files may hold.
    func highestLSN(_ names: [String], _ known: UInt64) throws(StoreError) -> UInt64 {
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: known)
        let outcome = try walk.run(names) { _ in }
        return max(known, outcome.highestLSN, names.compactMap { LogFormat.firstLSN(ofFileName: $0) }.max() ?? 0)
    }
}
