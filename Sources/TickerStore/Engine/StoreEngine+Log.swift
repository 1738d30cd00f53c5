extension StoreEngine {
    /// Makes the next log file and lists it, in the order of the format document: file (1), its name (2), manifest (3).
    static func makeLogFile(
        number: Int,
        firstLSN: UInt64,
        atLeast bytes: Int,
        manifest: inout Manifest,
        directory: DataDirectory,
        options: StoreOptions
    ) throws(StoreError) -> LogWriter {
        let name = LogFormat.fileName(firstLSN: firstLSN)
        let temporary = directory.walPath + "/." + name + ".tmp"
        let path = directory.walPath + "/" + name
        let header = LogFileHeader(
            storeID: manifest.storeID,
            firstLSN: firstLSN,
            salt: UInt32(truncatingIfNeeded: options.random()),
            created: options.now()
        )
        let free = try storing { () throws(FileError) in try directory.fileSystem.space(directory.path).free }
        let capacity = min(Int(UInt32.max), max(options.logFileBytes ?? LogCapacity.onDisk(withFree: free), LogFormat.fileHeaderLength + bytes))
        var next = manifest
        next.generation += 1
        next.durableLSN = firstLSN - 1
        next.logFiles.append(name)
        let file = try storing { () throws(FileError) -> any File in
            for leftover in [temporary, path] where try directory.fileSystem.status(leftover) != nil {
                try directory.fileSystem.remove(leftover)
            }
            let file = try directory.fileSystem.open(temporary, .createNew)
            do throws(FileError) {
                try file.allocate(capacity)
                try file.write(all: header.encoded(), at: 0)
            } catch {
                try? directory.fileSystem.remove(temporary)
                throw error
            }
            try file.sync()  // (1)
            try directory.fileSystem.rename(temporary, to: path)
            try directory.fileSystem.syncDirectory(directory.walPath)  // (2)
            return file
        }
        try directory.write(next)  // (3)
        manifest = next
        return LogWriter(
            file: file,
            path: path,
            header: header,
            number: number,
            committedEnd: LogFormat.fileHeaderLength,
            nextLSN: firstLSN,
            statedDurableLSN: firstLSN - 1,
            capacity: capacity
        )
    }

    /// Goes on in a new log file.
    func rotate(atLeast bytes: Int) throws(StoreError) {
        try confirmLock()
        let old = writer
        do throws(FileError) {
            // Before a later file exists, nothing but whole batches may be in this one: a failed write may have left a piece behind the end.
            try old.file.truncate(to: old.committedEnd)
            try old.file.sync()
        } catch {
            throw poison(error)
        }
        do throws(StoreError) {
            writer = try Self.makeLogFile(
                number: old.number + 1,
                firstLSN: old.nextLSN,
                atLeast: bytes,
                manifest: &manifest,
                directory: directory,
                options: options
            )
        } catch {
            // A sync or a rename that failed half way: the disk may list a file that we do not write to.
            throw error.kind == .poisoned ? poison(because: error.message) : error
        }
        tables.open.closedLength = old.committedEnd
        tables.add(writer)
    }

    /// After an idle second: a NOOP record states the newer durable LSN, so that rot in the last group cannot pass for a torn tail.
    func idle() {
        guard poisoned == nil, writer.durableLSN > writer.statedDurableLSN, writer.hasRoom(for: LogFormat.recordHeaderLength) else { return }
        writer.beginRecord()
        // An empty record is never too large.
        try? writer.endRecord(.noop, commit: true)
        do throws(FileError) {
            try writer.write()
            writer.accept()
        } catch {
            do throws(FileError) { try writer.discard(wasWritten: true) } catch { _ = poison(error) }
        }
    }
}
