import MarketData

/// The data directory: who may use it, what it is, and what in it is ours (spec sections 1 and 12).
struct DataDirectory: Sendable {
    private static let formatStart = "kasparro data directory, format "
    static let formatText = "kasparro data directory, format 1\nEverything in here belongs to kasparro; see kasparro(1), FILES.\n"
    /// What may lie in a directory that is to become a data directory, beside dotfiles.
    private static let allowedBeforeCreation: Set<String> = ["inbox", "token", "jwt.key", "LOCK"]
    static let known: Set<String> = [
        "LOCK", "FORMAT", Manifest.fileName, Manifest.previousName, "CLEAN", "token", "jwt.key", "control.sock", "inbox", "wal", "segments",
        "state", "set-aside",
    ]
    /// Torn tails kept in `set-aside/`; older ones are removed.
    static let tornTailsKept = 8

    let path: String
    let fileSystem: any FileSystem

    var walPath: String { path + "/wal" }
    var setAsidePath: String { path + "/set-aside" }
    var statePath: String { path + "/state" }
    var segmentsPath: String { path + "/segments" }

    /// The directory of a family's segments.
    func path(of family: Family) -> String { segmentsPath + "/" + family.name }
    private var manifestPath: String { path + "/" + Manifest.fileName }

    /// Makes the directory if need be and locks it for the life of the returned value.
    ///
    /// - Parameter holder: What the lock file says to the process that comes second.
    /// - Throws: `.locked`, `.cannotCreate`, `.permission`.
    func lock(holder: String) throws(StoreError) -> DirectoryLock {
        do {
            try makeDirectories()
            try refuseForeignDirectory()
            return try DirectoryLock(path, holder: holder, fileSystem: fileSystem, advice: "stop that one first, or use another --data-dir")
        } catch let error as StoreError {
            throw error
        } catch let error as FileError {
            throw StoreError(error.isPermission ? .permission : .cannotCreate, "cannot use \(path) as data directory: \(error)")
        } catch {
            throw StoreError(.cannotCreate, "\(error)")
        }
    }

    private func makeDirectories() throws {
        if let status = try fileSystem.status(path), status.kind == .directory || status.kind == .symbolicLink { return }
        var prefix = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(component) : "/" + component
            do throws(FileError) {
                try fileSystem.makeDirectory(prefix)
                // A store whose own name is not on disk would be lost as a whole.
                try fileSystem.syncDirectory(PosixFileSystem.parent(of: prefix))
            } catch {
                if error.code != FileError.exists { throw error }
            }
        }
    }

    private func refuseForeignDirectory() throws {
        if try fileSystem.status(path + "/FORMAT") != nil { return }
        try refuseLostFormat()
        let foreign = try fileSystem.list(path).filter { !$0.hasPrefix(".") && !Self.allowedBeforeCreation.contains($0) }
        if let first = foreign.first {
            throw StoreError(
                .cannotCreate,
                "\(path) is not empty and is no kasparro data directory (it holds \(first)); choose an empty or new directory with --data-dir"
            )
        }
    }

    /// Refuses a directory that has all but FORMAT: it is neither foreign nor new.
    private func refuseLostFormat() throws(StoreError) {
        let hasManifest = try storing { () throws(FileError) in try fileSystem.status(manifestPath) != nil }
        if !hasManifest, try firstDataFile() == nil { return }
        throw StoreError(.corrupt, "\(path)/FORMAT is missing, and the rest of a data directory is there. \(LogRecovery.advice)")
    }

    /// Reads the manifest of an existing store; nil when the directory is new, or creation was cut short before anything was stored.
    func readManifest() throws(StoreError) -> Manifest? {
        guard let format = try storing({ () throws(FileError) in try fileSystem.contents(path + "/FORMAT") }) else {
            try refuseLostFormat()
            return nil
        }
        guard format == Array(Self.formatText.utf8) else {
            try refuseOtherFormat(format)
            throw .corrupt(path + "/FORMAT", offset: 0, "the text is not the one that belongs there. \(LogRecovery.advice)")
        }
        if let bytes = try storing({ () throws(FileError) in try fileSystem.contents(manifestPath, limit: 64 << 20) }) {
            return try Manifest(decoding: bytes, path: manifestPath)
        }
        if let file = try firstDataFile() {
            throw .corrupt(manifestPath, offset: 0, "the manifest is missing, but there is data, such as \(file). \(LogRecovery.advice)")
        }
        return nil
    }

    /// Refuses a directory whose FORMAT names another format: whatever else is there, it is not ours to judge.
    func refuseOtherFormat(_ contents: [UInt8]) throws(StoreError) {
        let line = String(decoding: contents.prefix { $0 != 0x0A }.prefix(80), as: UTF8.self)
        guard line.hasPrefix(Self.formatStart), let format = Int(line.dropFirst(Self.formatStart.count)), format != 1 else { return }
        throw StoreError(
            .newerFormat,
            "\(path)/FORMAT says “\(line)”; this kasparro reads format 1. Use the version that wrote it, or a newer one. If "
                + "none has ever run here, the file is damaged: its first line is “\(Self.formatStart)1”."
        )
    }

    /// A file that only a store that has been used can have.
    private func firstDataFile() throws(StoreError) -> String? {
        try storing { () throws(FileError) in
            func names(_ directory: String) throws(FileError) -> [String] {
                try fileSystem.status(directory) == nil ? [] : try fileSystem.list(directory)
            }
            if let name = try names(walPath).first(where: { LogFormat.firstLSN(ofFileName: $0) != nil }) { return "wal/" + name }
            for family in Family.allCases {
                if let name = try names(path(of: family)).first(where: { SegmentInfo.id(ofFileName: $0) != nil }) {
                    return "segments/\(family.name)/\(name)"
                }
            }
            return nil
        }
    }

    /// Makes a new store, in an order that opens again after a kill at any point: FORMAT, then an empty manifest, then (by the caller) the first log file.
    func create(_ manifest: Manifest) throws(StoreError) {
        try storing { () throws(FileError) in
            try fileSystem.replace("FORMAT", in: path, with: Array(Self.formatText.utf8))
            for directory in [walPath, setAsidePath, path + "/inbox"] where try fileSystem.status(directory) == nil {
                try fileSystem.makeDirectory(directory)
            }
            try fileSystem.syncDirectory(path)
        }
        try write(manifest)
    }

    /// Publishes a manifest; the old one stays as `MANIFEST.json.prev`.
    func write(_ manifest: Manifest) throws(StoreError) {
        try storing { () throws(FileError) in
            if try fileSystem.status(manifestPath) != nil {
                let previous = path + "/" + Manifest.previousName
                if try fileSystem.status(previous) != nil { try fileSystem.remove(previous) }
                try fileSystem.link(manifestPath, to: previous)
            }
            try fileSystem.replace(Manifest.fileName, in: path, with: manifest.encoded())
        }
    }

    /// Keeps a copy of a torn tail, so that nothing is ever destroyed by opening.
    func keepTornTail(of end: LogRecovery.End, at milliseconds: Int64) throws(StoreError) -> String {
        var bytes = try end.file.bytes(at: end.committedEnd, count: max(0, end.size - end.committedEnd))
        while bytes.last == 0 { bytes.removeLast() }
        let stamp = String(milliseconds)
        let padding = String(repeating: "0", count: max(0, 15 - stamp.utf8.count))
        let name = "torn-\(padding)\(stamp)-\(Hexadecimal.text(end.header.firstLSN))-\(end.committedEnd)"
        return try storing { () throws(FileError) in
            try fileSystem.replace(name, in: setAsidePath, with: bytes)
            let tails = try fileSystem.list(setAsidePath).filter { $0.hasPrefix("torn-") }
            for old in tails.dropLast(Self.tornTailsKept) { try fileSystem.remove(setAsidePath + "/" + old) }
            return setAsidePath + "/" + name
        }
    }
}

/// `CLEAN`: exists only between an orderly stop and the next start, and says how far the log reached.
struct CleanMarker {
    static func write(in directory: DataDirectory, storeID: StoreID, lastLSN: UInt64) throws(StoreError) {
        let bytes = encoded(storeID: storeID, lastLSN: lastLSN)
        try storing { () throws(FileError) in try directory.fileSystem.replace("CLEAN", in: directory.path, with: bytes) }
    }

    /// The whole file.
    static func encoded(storeID: StoreID, lastLSN: UInt64) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("store_id", storeID.description)
        writer.member("last_lsn", lastLSN)
        writer.member("crc32", Hexadecimal.text(checksum(storeID, lastLSN)))
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    /// The last LSN of an orderly stop of this store; nil without a marker that can be read.
    static func read(from directory: DataDirectory, storeID: StoreID) -> UInt64? {
        guard let bytes = try? directory.fileSystem.contents(directory.path + "/CLEAN"), let root = try? JSONDocument(parsing: bytes).root,
            root.member("store_id")?.string == storeID.description, let last = root.member("last_lsn")?.integer, last >= 0,
            root.crc("crc32") == checksum(storeID, UInt64(last))
        else { return nil }
        return UInt64(last)
    }

    /// A number that grew by a flipped bit would make records missing that never were.
    private static func checksum(_ storeID: StoreID, _ lastLSN: UInt64) -> UInt32 {
        Array("\(storeID) \(lastLSN)".utf8).withUnsafeBytes { crc32($0) }
    }

    /// Removes the marker before anything it speaks of changes, and not earlier: a start that refuses must refuse again.
    static func remove(from directory: DataDirectory) throws(StoreError) {
        let path = directory.path + "/CLEAN"
        try storing { () throws(FileError) in
            guard try directory.fileSystem.status(path)?.kind == .file else { return }
            try directory.fileSystem.remove(path)
            try directory.fileSystem.syncDirectory(directory.path)
        }
    }
}
