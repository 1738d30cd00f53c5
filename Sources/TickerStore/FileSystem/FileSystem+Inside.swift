extension FileSystem {
    /// Whether a path lies in a directory or is it, by what the directories on its way are: links, `..` and other spellings do not matter.
    ///
    /// - Parameters:
    ///   - path: Need not exist yet; then the nearest directory above it counts.
    ///   - directory: false when there is none.
    package func lies(_ path: String, in directory: String) throws(FileError) -> Bool {
        guard let wanted = try status(directory + "/.") else { return false }
        var place = path
        while try status(place + "/.") == nil {
            guard place != ".", place != "/" else { return false }
            place = Self.parent(of: place)
        }
        place += "/."
        // PATH_MAX ends it as well: there are no deeper ones.
        while let here = try status(place) {
            if here.isSame(as: wanted) { return true }
            place += "/.."
            // The root is its own parent.
            if try here.isSame(as: status(place)) { return false }
        }
        return false
    }

    /// The directory in which a name stands.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// What in a data directory nobody but the store may put something into.
package enum StoreTerritory {
    /// Whether a file would be in the store's own directories, or in the place of one of its own files.
    ///
    /// - Parameter directory: The data directory.
    package static func contains(_ path: String, of directory: String, _ fileSystem: any FileSystem) throws(FileError) -> Bool {
        for folder in ["wal", "segments", "state"] where try fileSystem.lies(path, in: directory + "/" + folder) { return true }
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        guard DataDirectory.known.contains(name), let root = try fileSystem.status(directory + "/.") else { return false }
        return try root.isSame(as: fileSystem.status(PosixFileSystem.parent(of: path) + "/."))
    }
}

extension DataDirectory {
    /// Refuses a place in the data directory for a copy of it: it would be copied into itself, or moved out of the way at the next start.
    func refuseInside(_ target: String) throws(StoreError) {
        let isInside = try storing { () throws(FileError) -> Bool in
            // Below one of its directories that is mounted elsewhere as well, too.
            for folder in ["", "/inbox", "/wal", "/segments", "/state", "/set-aside"] where try fileSystem.lies(target, in: path + folder) {
                return true
            }
            return (target + "/").hasPrefix(path + "/")
        }
        guard isInside else { return }
        throw StoreError(
            .cannotCreate,
            "\(target) lies in the data directory \(path) itself; name a directory outside of it, such as: kasparro backup /backup/monday"
        )
    }
}
