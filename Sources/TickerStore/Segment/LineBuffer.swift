/// Lines without their newlines, and where each of them is.
struct LineBuffer {
    /// Line i is `bytes[starts[i]..<starts[i] + lengths[i]]`; the lines may lie there in any order.
    var bytes: [UInt8] = []
    var starts: [Int] = []
    var lengths: [Int] = []

    init() {}

    /// Makes room for so many lines, to be put in place by `append(_:as:)`; those that were there are gone.
    mutating func makeRoom(for count: Int) {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        starts.append(contentsOf: repeatElement(0, count: count))
        lengths.removeAll(keepingCapacity: true)
        lengths.append(contentsOf: repeatElement(0, count: count))
    }

    /// Appends the next line.
    mutating func append(_ line: some Collection<UInt8>) {
        starts.append(bytes.count)
        lengths.append(line.count)
        bytes.append(contentsOf: line)
    }

    /// Adds line `index`.
    @inline(__always)
    mutating func append(_ line: UnsafeRawBufferPointer, as index: Int) {
        starts[index] = bytes.count
        lengths[index] = line.count
        bytes.append(contentsOf: line)
    }
}
