import MarketData

/// The data directory: who may use it, what it is, and what in it is ours (spec sections 1 and 12).
struct DataDirectory {
    static let formatText = "kasparro data directory, format 1\nEverything in here belongs to kasparro; see kasparro(1), FILES.\n"
    /// What may lie in a directory that is to become a data directory, beside dotfiles.
    private static let allowedBeforeCreation: Set<String> = ["inbox", "token", "jwt.key", "LOCK"]
    private static let known: Set<String> = [
        "LOCK", "FORMAT", Manifest.fileName, Manifest.previousName, "CLEAN", "token", "jwt.key", "control.sock", "inbox", "wal", "set-aside",
    ]
    /// Torn tails kept in `set-aside/`; older ones are removed.
    static let tornTailsKept = 8

    let path: String
    let fileSystem: any FileSystem

    var walPath: String { path + "/wal" }
    var setAsidePath: String { path + "/set-aside" }
    private var manifestPath: String { path + "/" + Manifest.fileName }

    /// Makes the directory if need be and takes `LOCK` for the life of the returned file.
    ///
    /// - Parameter holder: What the lock file says to the process that comes second.
    /// - Throws: `.locked`, `.cannotCreate`, `.permission`.
    func lock(holder: String) throws(StoreError) -> any File {
        do {
            try makeDirectories()
            try refuseForeignDirectory()
            let file = try fileSystem.open(path + "/LOCK", .openOrCreate)
            guard try file.tryLock() else {
                let owner = (try? fileSystem.contents(path + "/LOCK")) ?? []
                let name = String(decoding: owner.prefix { $0 != 0x0A }, as: UTF8.self)
                throw StoreError(
                    .locked,
                    "\(path) is in use by \(name.isEmpty ? "another process" : name); stop that one first, or use another --data-dir"
                )
            }
            try file.truncate(to: 0)
            try file.write(all: Array((holder + "\n").utf8), at: 0)
            return file
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
                try fileSystem.syncDirectory(parent(of: prefix))
            } catch {
                if error.code != FileError.exists { throw error }
            }
        }
    }

    private func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func refuseForeignDirectory() throws {
        if try fileSystem.status(path + "/FORMAT") != nil { return }
        let foreign = try fileSystem.list(path).filter { !$0.hasPrefix(".") && !Self.allowedBeforeCreation.contains($0) }
        if let first = foreign.first {
            throw StoreError(
                .cannotCreate,
                "\(path) is not empty and is no kasparro data directory (it holds \(first)); choose an empty or new directory with --data-dir"
            )
        }
    }

    /// Reads the manifest of an existing store; nil when the directory is new, or creation was cut short before anything was stored.
    func readManifest() throws(StoreError) -> Manifest? {
        guard let format = try storing({ () throws(FileError) in try fileSystem.contents(path + "/FORMAT") }) else { return nil }
        guard format == Array(Self.formatText.utf8) else {
            let line = String(decoding: format.prefix { $0 != 0x0A }.prefix(80), as: UTF8.self)
            throw StoreError(
                .newerFormat,
                "\(path)/FORMAT says “\(line)”; this kasparro reads format 1. Use the version that wrote it, or a newer one."
            )
        }
        if let bytes = try storing({ () throws(FileError) in try fileSystem.contents(manifestPath, limit: 64 << 20) }) {
            return try Manifest(decoding: bytes, path: manifestPath)
        }
        let files = try storing { () throws(FileError) in try fileSystem.status(walPath) == nil ? [] : try fileSystem.list(walPath) }
        guard files.allSatisfy({ LogFormat.firstLSN(ofFileName: $0) == nil }) else {
            throw .corrupt(
                manifestPath,
                offset: 0,
                "the manifest is missing, but wal/ holds data. \(LogRecovery.advice)"
            )
        }
        return nil
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

    /// Refuses a directory whose manifest is older than its log: a file that is not listed and holds records.
    ///
    /// A kill while a log file is being made leaves one that is empty; everything else has lost its manifest.
    func refuseUnlistedRecords(_ manifest: Manifest) throws(StoreError) {
        let names = try storing { () throws(FileError) in try fileSystem.status(walPath) == nil ? [] : try fileSystem.list(walPath) }
        for name in names where LogFormat.firstLSN(ofFileName: name) != nil && !manifest.logFiles.contains(name) {
            let path = walPath + "/" + name
            guard let file = try? fileSystem.open(path, .readNoFollow), var reader = try? LogFileReader(file: file, path: path),
                reader.header.storeID == manifest.storeID, case .record? = try? reader.next()
            else { continue }
            throw .corrupt(
                path,
                offset: LogFormat.fileHeaderLength,
                "this log file holds records, but the manifest does not list it. \(LogRecovery.advice)"
            )
        }
    }

    /// Moves what the manifest does not list out of `wal/`, and names what is not ours.
    ///
    /// - Returns: A sentence for each thing done or seen.
    func setUnlistedAside(_ manifest: Manifest) throws(StoreError) -> [String] {
        try storing { () throws(FileError) in
            var notes: [String] = []
            for directory in [walPath, setAsidePath, path + "/inbox"] where try fileSystem.status(directory) == nil {
                try fileSystem.makeDirectory(directory)
            }
            for name in try fileSystem.list(walPath) where !manifest.logFiles.contains(name) {
                notes.append(try setAside(name))
            }
            if !notes.isEmpty {
                try fileSystem.syncDirectory(setAsidePath)
                try fileSystem.syncDirectory(walPath)
            }
            for name in try fileSystem.list(path) where !name.hasPrefix(".") && !Self.known.contains(name) {
                notes.append("\(path)/\(name) is not part of a data directory; left alone")
            }
            return notes
        }
    }

    private func setAside(_ name: String) throws(FileError) -> String {
        var target = setAsidePath + "/" + name
        var copy = 1
        while try fileSystem.status(target) != nil {
            copy += 1
            target = setAsidePath + "/\(name).\(copy)"
        }
        do throws(FileError) {
            try fileSystem.rename(walPath + "/" + name, to: target)
            return "wal/\(name) is not in the manifest; moved to \(target)"
        } catch {
            // A name that is no UTF-8 cannot even be written back; it does no harm where it is.
            return "wal/\(name) is not in the manifest and could not be moved: \(error)"
        }
    }

    /// Keeps a copy of a torn tail, so that nothing is ever destroyed by opening.
    func keepTornTail(of end: LogRecovery.End, at milliseconds: Int64) throws(StoreError) -> String {
        var bytes = try end.file.bytes(at: end.committedEnd, count: max(0, end.size - end.committedEnd))
        while bytes.last == 0 { bytes.removeLast() }
        let stamp = String(milliseconds)
        let padding = String(repeating: "0", count: max(0, 15 - stamp.utf8.count))
        let name = "torn-\(padding)\(stamp)-\(hexDigits(end.header.firstLSN))-\(end.committedEnd)"
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
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("store_id", storeID.description)
        writer.member("last_lsn", lastLSN)
        writer.endObject()
        let bytes = writer.bytes + [0x0A]
        try storing { () throws(FileError) in try directory.fileSystem.replace("CLEAN", in: directory.path, with: bytes) }
    }

    /// The last LSN of an orderly stop of this store; nil without a marker that can be read.
    static func read(from directory: DataDirectory, storeID: StoreID) -> UInt64? {
        guard let bytes = try? directory.fileSystem.contents(directory.path + "/CLEAN"), let root = try? JSONDocument(parsing: bytes).root,
            root.member("store_id")?.string == storeID.description, let last = root.member("last_lsn")?.integer, last >= 0
        else { return nil }
        return UInt64(last)
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
