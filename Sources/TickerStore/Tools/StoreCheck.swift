import MarketData

/// Looks at everything that a manifest lists. Changes nothing.
struct StoreCheck {
    let directory: DataDirectory
    let manifest: Manifest
    let deep: Bool
    /// Whether the store may be in use: then a file that vanished is no damage if there is a newer manifest.
    var mayBeInUse = true
    /// Whether the manifest's lists of dead rows count; a manifest made anew has none.
    var checksDeadRows = true
    private(set) var findings: [Finding] = []
    private(set) var verdicts: [SegmentVerdict] = []
    private(set) var hasBadState = false
    private(set) var log = LogWalk.Outcome()
    /// Names in `wal/` that the manifest should list.
    private(set) var unlistedLogs: [String] = []
    /// Dead rows of several segments do not fit each other.
    private(set) var hasWrongDeadRows = false
    /// The manifest was replaced meanwhile: the check must begin again.
    private(set) var isOutdated = false
    private(set) var files = 0
    private(set) var bytes = 0
    /// Live rows; of the sealed ones only, unless `deep`.
    private(set) var rows = 0

    init(_ directory: DataDirectory, _ manifest: Manifest, deep: Bool) {
        self.directory = directory
        self.manifest = manifest
        self.deep = deep
    }

    mutating func run() throws(StoreError) {
        try refuseForbiddenFiles()
        var keys = LogKeys()
        try checkLog(&keys)
        if isOutdated { return }
        for info in manifest.segments {
            var check = SegmentCheck(info, directory: directory, storeID: manifest.storeID, deep: deep)
            check.run(log: keys)
            findings += check.findings
            verdicts.append(check.verdict)
            files += check.files
            bytes += check.bytes
            if check.hasMissingFile, isReplaced() { return }
        }
        checkState()
        if isOutdated { return }
        rows = manifest.segments.filter { $0.family == .tickers }.reduce(0) { $0 + $1.live.values.reduce(0, +) }
        if var census = census(keys) { try check(&census) }
        try checkUnlisted()
    }

    /// A file that we may not read is not damaged.
    private func refuseForbiddenFiles() throws(StoreError) {
        var paths = manifest.logFiles.map { directory.walPath + "/" + $0 }
        if let state = manifest.state { paths.append(directory.statePath + "/" + state.name) }
        for family in Family.allCases { paths += manifest.fileNames(of: family).sorted().map { directory.path(of: family) + "/" + $0 } }
        for path in paths {
            do throws(FileError) {
                _ = try directory.fileSystem.open(path, .read)
            } catch {
                guard error.isPermission else { continue }
                throw StoreError(.permission, "\(error). Nothing was looked at or changed; run this as the user to whom \(directory.path) belongs")
            }
        }
    }

    /// Whether another manifest is in place by now.
    private mutating func isReplaced() -> Bool {
        guard mayBeInUse, let bytes = try? directory.fileSystem.contents(directory.path + "/" + Manifest.fileName, limit: 64 << 20),
            let now = try? Manifest(decoding: bytes, path: ""), now.generation != manifest.generation
        else { return false }
        isOutdated = true
        return true
    }

    private mutating func checkState() {
        guard let state = manifest.state else { return }
        let name = "state/" + state.name
        files += 1
        bytes += state.bytes
        do throws(StoreError) {
            try checkStateBytes(state)
        } catch {
            hasBadState = true
            if (try? directory.fileSystem.status(directory.path + "/" + name)) == nil as FileStatus?, isReplaced() { return }
            let affected = "checkpoints and quotas as they were up to record \(manifest.firstLSN - 1); later ones are in the log"
            findings.append(Finding(.damage, error, root: directory.path, file: name, affected: affected))
        }
    }

    private func checkStateBytes(_ state: Manifest.StateFile) throws(StoreError) {
        _ = try directory.readState(state)
        let path = directory.statePath + "/" + state.name
        let bytes = try storing { () throws(FileError) in try directory.fileSystem.contents(path, limit: state.bytes) } ?? []
        guard let root = try? JSONDocument(parsing: bytes).root, root.member("store_id")?.string == manifest.storeID.description else {
            throw .corrupt(path, offset: 0, "the state file belongs to another store")
        }
    }
}

// MARK: Rows and log

extension StoreCheck {
    /// The segments of rows side by side; nil when one of them cannot be read that far, or nobody asked.
    private func census(_ log: LogKeys) -> KeyCensus? {
        guard deep, checksDeadRows else { return nil }
        var members: [KeyCensus.Member] = []
        for verdict in verdicts where verdict.info.family == .tickers {
            guard !verdict.isMissing, !verdict.hasBadIndex, !verdict.hasBadDeadRows,
                let segment = try? Segment(
                    verdict.info,
                    directory: directory.path(of: .tickers),
                    storeID: manifest.storeID,
                    fileSystem: directory.fileSystem
                )
            else { return nil }
            members.append(KeyCensus.Member(segment: segment, order: verdict.info.id, dead: verdict.dead))
        }
        return KeyCensus(members, log: log)
    }

    private mutating func checkLog(_ keys: inout LogKeys) throws(StoreError) {
        let clean = CleanMarker.read(from: directory, storeID: manifest.storeID) ?? 0
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: max(manifest.durableLSN, clean))
        log = try walk.run(manifest.logFiles) { batch in keys.add(batch) }
        if !log.findings.allSatisfy({ $0.severity == .note }) || !log.losses.isEmpty, isReplaced() { return }
        findings += log.findings
        for loss in log.losses {
            let advice = clean > manifest.durableLSN && loss.last == clean ? "; or CLEAN, which names record \(clean), is damaged" : ""
            findings.append(Finding(.damage, loss.file, offset: loss.offset, loss.what + advice, affected: loss.affected))
        }
        countLogFiles()
        if clean > 0, clean != log.lastLSN, log.losses.isEmpty {
            findings.append(Finding(.note, "CLEAN", "it names record \(clean) as the last one; the log ends with \(log.lastLSN)"))
        }
    }

    private mutating func countLogFiles() {
        for name in manifest.logFiles {
            files += 1
            bytes += ((try? directory.fileSystem.status(directory.walPath + "/" + name)) as FileStatus??)??.size ?? 0
        }
    }

    /// Each key is live once, and a dead row has a newer one.
    private mutating func check(_ census: inout KeyCensus) throws(StoreError) {
        try census.run(revives: false)
        rows = census.rows
        let tickers = verdicts.filter { $0.info.family == .tickers }
        for (verdict, result) in zip(tickers, census.results) {
            let name = "segments/tickers/" + verdict.info.dataName
            if result.shouldBeDead.rows > 0 {
                hasWrongDeadRows = true
                let what = "rows that a newer segment has replaced are not marked as superseded"
                findings.append(Finding(.repairable, name, what, affected: result.shouldBeDead.description))
            }
            if result.revived.rows > 0 {
                let what = "superseded rows whose newer row is nowhere: it was dropped by its age, or is lost"
                findings.append(
                    Finding(.note, verdict.info.dead.map { "segments/tickers/" + $0.file } ?? name, what, affected: result.revived.description)
                )
            }
        }
    }

    // MARK: What is not listed

    private mutating func checkUnlisted() throws(StoreError) {
        var listed: [(folder: String, names: Set<String>)] = [
            ("wal", Set(manifest.logFiles)), ("state", Set(manifest.state.map { [$0.name] } ?? [])), ("segments", Set(Family.allCases.map(\.name))),
        ]
        for family in Family.allCases { listed.append(("segments/" + family.name, manifest.fileNames(of: family))) }
        let leftovers = RepairMark.read(directory)
        for (folder, names) in listed {
            let path = directory.path + "/" + folder
            let found = try storing { () throws(FileError) in try directory.fileSystem.status(path) == nil ? [] : try directory.fileSystem.list(path)
            }
            for name in found where !names.contains(name) && !name.hasPrefix(".") {
                if folder == "wal", !leftovers.contains("wal/" + name), holdsRecords(name) {
                    if isReplaced() { return }
                    unlistedLogs.append(name)
                    let what = "this log file holds records, but the manifest does not list it: the manifest is older than the log"
                    findings.append(Finding(.damage, "wal/" + name, what))
                } else {
                    findings.append(Finding(.note, folder + "/" + name, "the manifest does not list this file; nothing reads it"))
                }
            }
        }
    }

    /// Whether a file is one of this store's log and holds records that no segment has.
    private func holdsRecords(_ name: String) -> Bool {
        guard let first = LogFormat.firstLSN(ofFileName: name), first >= manifest.firstLSN,
            let file = try? directory.fileSystem.open(directory.walPath + "/" + name, .readNoFollow),
            let salvage = try? LogFileSalvage(file, path: directory.walPath + "/" + name, name: "wal/" + name, storeID: manifest.storeID),
            salvage.header.storeID == manifest.storeID, let record = try? salvage.record(at: LogFormat.fileHeaderLength)
        else { return false }
        return record.record.lsn == first
    }
}
