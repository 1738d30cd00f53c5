/// Where a repair puts the originals: `set-aside/repair-<generation>/`.
struct SetAside {
    private let directory: DataDirectory
    let path: String
    private var isMade = false

    init(_ directory: DataDirectory, generation: Int) {
        self.directory = directory
        path = directory.setAsidePath + "/repair-\(generation)"
    }

    /// Keeps a second name of a file that is about to be replaced.
    mutating func keep(_ file: String) throws(StoreError) {
        guard try isThere(file) else { return }
        let target = try target(for: file)
        var copier = FileCopier(fileSystem: directory.fileSystem, links: true)
        try copier.copy(directory.path + "/" + file, to: target)
        try storing { () throws(FileError) in try directory.fileSystem.syncDirectory(path) }
    }

    /// Moves a file that nothing needs any more; its old place is synced.
    mutating func move(_ file: String) throws(StoreError) {
        guard try isThere(file) else { return }
        let target = try target(for: file)
        let folder = file.lastIndex(of: "/").map { directory.path + "/" + file[..<$0] } ?? directory.path
        try storing { () throws(FileError) in
            try directory.fileSystem.rename(directory.path + "/" + file, to: target)
            try directory.fileSystem.syncDirectory(path)
            try directory.fileSystem.syncDirectory(folder)
        }
    }

    private func isThere(_ file: String) throws(StoreError) -> Bool {
        try storing { () throws(FileError) in try directory.fileSystem.status(directory.path + "/" + file) != nil }
    }

    /// A free name: the file's own, with its family before it.
    private mutating func target(for file: String) throws(StoreError) -> String {
        try make()
        let parts = file.split(separator: "/")
        let name = parts.suffix(parts.first == "segments" ? 2 : 1).joined(separator: "-")
        return try storing { () throws(FileError) in
            var free = path + "/" + name
            var copy = 1
            while try directory.fileSystem.status(free) != nil {
                copy += 1
                free = path + "/\(name).\(copy)"
            }
            return free
        }
    }

    private mutating func make() throws(StoreError) {
        if isMade { return }
        try storing { () throws(FileError) in
            for folder in [directory.setAsidePath, path] where try directory.fileSystem.status(folder) == nil {
                try directory.fileSystem.makeDirectory(folder)
            }
            try directory.fileSystem.syncDirectory(directory.path)
            try directory.fileSystem.syncDirectory(directory.setAsidePath)
        }
        isMade = true
    }
}
