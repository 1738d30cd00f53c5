import MarketData

/// Looks at FORMAT, the two manifests and CLEAN: what a data directory is, before anything in it is read.
struct DirectoryCheck {
    private(set) var findings: [Finding] = []
    /// What `MANIFEST.json` says, when it can be read.
    private(set) var manifest: Manifest?
    /// What `MANIFEST.json.prev` says, when it can be read.
    private(set) var previous: Manifest?
    private(set) var hasBadFormat = false
    /// There is no data yet: making the store was cut short.
    private(set) var isUnborn = false
    private(set) var hasBadMarker = false
    private(set) var files = 0
    private(set) var bytes = 0
    private let directory: DataDirectory

    /// - Throws: `.cannotCreate` when there is no data directory, `.newerFormat` when we cannot read it, and when files cannot be read.
    init(_ directory: DataDirectory) throws(StoreError) {
        self.directory = directory
        let names = try storing { () throws(FileError) -> [String]? in
            guard let kind = try directory.fileSystem.status(directory.path)?.kind, kind != .file else { return nil }
            return try directory.fileSystem.list(directory.path)
        }
        guard let names, !Set(names).isDisjoint(with: ["FORMAT", Manifest.fileName, Manifest.previousName, "wal", "segments"]) else {
            throw StoreError(.cannotCreate, "\(directory.path) is no kasparro data directory")
        }
        manifest = try readManifest(Manifest.fileName)
        previous = try readManifest(Manifest.previousName)
        try checkFormat()
        try checkMarker()
    }

    private mutating func read(_ name: String) throws(StoreError) -> [UInt8]? {
        let contents = try storing { () throws(FileError) in try directory.fileSystem.contents(directory.path + "/" + name, limit: 64 << 20) }
        if let contents {
            files += 1
            bytes += contents.count
        }
        return contents
    }

    private mutating func readManifest(_ name: String) throws(StoreError) -> Manifest? {
        let isMain = name == Manifest.fileName
        guard let contents = try read(name) else {
            if isMain { isUnborn = holdsNothing() }
            if isMain, isUnborn {
                findings.append(
                    Finding(.note, name, "there is no manifest and no data: making the store was cut short, the next start makes it anew")
                )
            } else if isMain {
                findings.append(Finding(.damage, name, "the manifest is missing", affected: "what the store holds: `repair` finds it out"))
            }
            return nil
        }
        do throws(StoreError) {
            let manifest = try Manifest(decoding: contents, path: directory.path + "/" + name)
            // Nothing in the text is free to be written in another way.
            guard manifest.encoded() == contents else { throw .corrupt(directory.path + "/" + name, offset: 0, "the manifest is damaged") }
            return manifest
        } catch {
            if error.kind == .newerFormat, isMain { throw error }
            let affected = isMain ? "what the store holds: `repair` finds it out" : ""
            findings.append(Finding(isMain ? .damage : .note, error, root: directory.path, file: name, affected: affected))
            return nil
        }
    }

    /// Whether a start would make a new store here.
    private func holdsNothing() -> Bool {
        do throws(StoreError) { return try directory.readManifest() == nil } catch { return false }
    }

    private mutating func checkFormat() throws(StoreError) {
        let contents = try read("FORMAT")
        if contents == Array(DataDirectory.formatText.utf8) { return }
        if let contents { try directory.refuseOtherFormat(contents) }
        hasBadFormat = true
        findings.append(Finding(.repairable, "FORMAT", offset: 0, contents == nil ? "FORMAT is missing" : "FORMAT is damaged"))
    }

    private mutating func checkMarker() throws(StoreError) {
        guard let contents = try read("CLEAN"), let manifest else { return }
        let last = CleanMarker.read(from: directory, storeID: manifest.storeID)
        if let last, contents == CleanMarker.encoded(storeID: manifest.storeID, lastLSN: last) { return }
        hasBadMarker = true
        findings.append(Finding(.note, "CLEAN", offset: 0, "the marker of an orderly stop is damaged; the next start looks more closely"))
    }
}
