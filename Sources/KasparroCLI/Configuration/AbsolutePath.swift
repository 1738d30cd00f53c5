import Glibc

/// A path as other processes can use it too.
func absolutePath(_ path: String) throws(CommandFailure) -> String {
    if path.hasPrefix("/") { return path }
    guard let pointer = getcwd(nil, 0) else {
        throw CommandFailure(.failure, "the working directory has no path; give an absolute one in the place of \(path)")
    }
    defer { free(pointer) }
    let directory = String(cString: pointer)
    return directory == "/" ? "/" + path : directory + "/" + path
}
