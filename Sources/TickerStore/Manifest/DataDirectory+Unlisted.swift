extension DataDirectory {
    /// Refuses a directory whose manifest is older than its log: a file that is not listed and holds records the manifest does not cover.
    ///
    /// A kill while a log file is being made leaves one that is empty, one while a sealed log is being dropped leaves one whose records are in segments.
    func refuseUnlistedRecords(_ manifest: Manifest) throws(StoreError) {
        let names = try names(in: walPath)
        for name in names where !manifest.logFiles.contains(name) {
            guard let first = LogFormat.firstLSN(ofFileName: name), first >= manifest.firstLSN else { continue }
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

    /// Makes durable what the last process renamed and had no time to sync, before anything is done on the strength of it: a power loss would
    /// bring back the manifest before, and the files that it lists must not have been moved away meanwhile.
    func settle() throws(StoreError) {
        try storing { () throws(FileError) in
            for directory in [path, segmentsPath] where try fileSystem.status(directory) != nil { try fileSystem.syncDirectory(directory) }
        }
    }

    /// Moves what the manifest does not list out of `wal/`, `segments/` and `state/`, and names what is not ours.
    ///
    /// - Returns: A sentence for each thing done or seen.
    func setUnlistedAside(_ manifest: Manifest) throws(StoreError) -> [String] {
        try storing { () throws(FileError) in
            for directory in [walPath, setAsidePath, path + "/inbox"] where try fileSystem.status(directory) == nil {
                try fileSystem.makeDirectory(directory)
            }
        }
        var notes = try setAside(in: "wal", except: Set(manifest.logFiles))
        notes += try setAside(in: "state", except: Set(manifest.state.map { [$0.name] } ?? []))
        for family in Family.allCases { notes += try setAside(in: "segments/" + family.name, except: manifest.fileNames(of: family)) }
        notes += try setAside(in: "segments", except: Set(Family.allCases.map(\.name)))
        for name in try names(in: path) where !name.hasPrefix(".") && !Self.known.contains(name) {
            notes.append("\(path)/\(name) is not part of a data directory; left alone")
        }
        return notes
    }

    /// The names in a directory; none when it does not exist.
    private func names(in directory: String) throws(StoreError) -> [String] {
        try storing { () throws(FileError) in try fileSystem.status(directory) == nil ? [] : try fileSystem.list(directory) }
    }

    private func setAside(in folder: String, except listed: Set<String>) throws(StoreError) -> [String] {
        var notes: [String] = []
        for name in try names(in: path + "/" + folder) where !listed.contains(name) {
            if name.hasPrefix("."), name.hasSuffix(".tmp"), folder != "wal" {
                // A file that was being written when the process ended; what it was made of is still there.
                try storing { () throws(FileError) in try fileSystem.remove(path + "/" + folder + "/" + name) }
                continue
            }
            notes.append(try storing { () throws(FileError) in try setAside(name, from: folder) })
        }
        if notes.isEmpty { return [] }
        try storing { () throws(FileError) in
            try fileSystem.syncDirectory(setAsidePath)
            try fileSystem.syncDirectory(path + "/" + folder)
        }
        return notes
    }

    private func setAside(_ name: String, from folder: String) throws(FileError) -> String {
        var target = setAsidePath + "/" + name
        var copy = 1
        while try fileSystem.status(target) != nil {
            copy += 1
            target = setAsidePath + "/\(name).\(copy)"
        }
        do throws(FileError) {
            try fileSystem.rename(path + "/" + folder + "/" + name, to: target)
            return "\(folder)/\(name) is not in the manifest; moved to \(target)"
        } catch {
            // A name that is no UTF-8 cannot even be written back; it does no harm where it is.
            return "\(folder)/\(name) is not in the manifest and could not be moved: \(error)"
        }
    }
}
