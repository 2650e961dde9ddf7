/**
 * The program that Python is started with. It reads one JSON document from standard input, shuts itself in, runs the document's program and says on
 * descriptor 3 how that ended. It needs Linux 5.12, ctypes and no privilege but user namespaces; nothing of util-linux.
 *
 * What isolates: namespaces of users, mounts, processes, network, IPC and host name; a root of its own with Python's library alone, read-only; a /tmp of
 * limited size in memory; no /proc; no capability, no new privileges, no user namespaces within. What bounds: resource limits, set once and not raisable.
 * Every step that fails ends it before the program is read as code.
 */
export const launcher = `
import ctypes, ctypes.util, errno, json, os, platform, resource, signal, sys, sysconfig

libc = ctypes.CDLL(None, use_errno=True)
REPORT = 3

def say(message):
    os.write(REPORT, (json.dumps({**message, "token": settings["token"]}) + "\\n").encode())

def refuse(step, error):
    say({"setup": step + ": " + str(error)})
    os._exit(97)

def call(step, result):
    if result != 0:
        refuse(step, os.strerror(ctypes.get_errno()))

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38

def prctl(option, value):
    return libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))

# namespaces -----------------------------------------------------------------------------------------------------------------------------------
NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV, MS_RDONLY, MS_REMOUNT = 4096, 16384, 1 << 18, 2, 4, 1, 32
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}
MOUNT_SETATTR, AT_RECURSIVE = 442, 0x8000

def write(path, text):
    with open(path, "w") as file:
        file.write(text)

def map_users(child, spare):
    """Outside, the program's user is the caller; where that is root, it is a number that nobody has."""
    own = [os.getuid(), os.getgid()]
    is_root = own[0] == 0
    if not is_root:
        write("/proc/%d/setgroups" % child, "deny")
    for name, number in zip(["uid_map", "gid_map"], own):
        write("/proc/%d/%s" % (child, name), "0 %d 1\\n" % number + ("1 %d 1\\n" % spare if is_root else ""))
    return is_root

def mount(step, source, target, kind, flags, data=None):
    encode = lambda text: None if text is None else text.encode()
    call(step, libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data)))

class MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ["set", "clear", "propagation", "userns"]]

def bind_read_only(path):
    target = "." + path
    os.makedirs(target, exist_ok=True)
    mount("binding " + path, os.path.realpath(path), target, None, MS_BIND | MS_REC)
    attributes = MountAttributes(1 | 2 | 4, 0, 0, 0)
    call("making " + path + " read-only", libc.syscall(MOUNT_SETATTR, -100, target.encode(), AT_RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes)))

def libraries():
    """Python's modules and the shared libraries they are linked with; no path that lies in another."""
    own = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), os.path.join(sys.base_prefix, "lib")]
    wanted = sorted({path for path in ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", *own] if os.path.isdir(path)})
    return [path for path in wanted if not any(path.startswith(other + "/") for other in wanted)]

def new_root(limits):
    number = PIVOT_ROOT.get(platform.machine())
    if number is None:
        refuse("isolation", "not known on " + platform.machine())
    mount("private mounts", None, "/", None, MS_REC | MS_PRIVATE)
    mount("new root", "none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755")
    os.chdir("/tmp")
    for path in libraries():
        bind_read_only(path)
    os.mkdir("dev")
    for device in ["null", "zero", "urandom"]:
        write("dev/" + device, "")
        mount("binding " + device, "/dev/" + device, "dev/" + device, None, MS_BIND)
    os.mkdir("tmp")
    mount("/tmp", "none", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=%d,nr_inodes=4096,mode=1777" % limits["disk"])
    call("pivot_root", libc.syscall(number, b".", b"."))
    call("leaving the old root", libc.umount2(b".", 2))
    os.chdir("/")
    mount("read-only root", None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)

def isolated():
    """Returns in a process of its own namespaces, the child of their first process, without privileges."""
    ready, mapped = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        os.close(ready[1])
        if os.read(ready[0], 1) == b"":
            forward(child)
        try:
            is_root = map_users(child, settings["spareUser"])
        except OSError as error:
            os.kill(child, signal.SIGKILL)
            refuse("user namespace", error)
        os.write(mapped[1], b"r" if is_root else b"u")
        forward(child)
    call("namespaces", libc.unshare(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS | NEWCGROUP))
    os.write(ready[1], b".")
    is_root = os.read(mapped[0], 1) == b"r"
    for end in [*ready, *mapped]:
        os.close(end)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    first = os.fork()
    if first:
        forward(first)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        # Of this namespace alone: whoever is inside makes no further ones, and no memory that outlives its process.
        for name in ["user/max_user_namespaces", "kernel/shmmni", "kernel/msgmni"]:
            write("/proc/sys/" + name, "0")
    except OSError:
        pass  # a second lock on doors that the missing privileges close
    new_root(settings["limits"])
    prctl(PR_SET_DUMPABLE, 0)
    worker = os.fork()
    if worker:
        # When the first process ends, so do all others.
        forward(worker)
    if is_root:
        become(1)

def become(user):
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)

def forward(child):
    """Ends as the child ends."""
    status = os.waitpid(child, 0)[1]
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))

# limits ---------------------------------------------------------------------------------------------------------------------------------------
def without_capabilities():
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("dropping capabilities", libc.capset(header, (ctypes.c_uint32 * 6)()))
    call("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1))

def limited(limits):
    fixed = lambda kind, amount: resource.setrlimit(kind, (amount, amount))
    fixed(resource.RLIMIT_AS, limits["memory"])
    fixed(resource.RLIMIT_FSIZE, limits["fileSize"])
    fixed(resource.RLIMIT_NPROC, limits["processes"])
    fixed(resource.RLIMIT_NOFILE, limits["openFiles"])
    fixed(resource.RLIMIT_CORE, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpuSeconds"], limits["cpuSeconds"] + 1))

# the program ----------------------------------------------------------------------------------------------------------------------------------
REFUSALS = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EAGAIN, errno.EFBIG, errno.EMFILE, errno.ENOSPC, errno.EDQUOT}

def reason_of(error):
    if isinstance(error, AssertionError):
        return "assertion"
    if isinstance(error, SyntaxError) or isinstance(error, ValueError) and "null bytes" in str(error):
        return "syntax"
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, OSError) and error.errno in REFUSALS or "can't start new thread" in str(error):
        return "refused"
    return "exit" if isinstance(error, SystemExit) else "exception"

def line_of(error):
    trace, line = error.__traceback__, getattr(error, "lineno", None)
    while trace:
        if trace.tb_frame.f_code.co_filename == "<program>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line

def run(program):
    report = {"reason": "passed"}
    process = os.getpid()
    try:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
    except BaseException as error:
        report["reason"] = reason_of(error)
        try:
            report["detail"] = (type(error).__name__ + ": " + str(error))[:500]
            report["line"] = line_of(error)
        except BaseException:
            pass
    if os.getpid() != process:
        os._exit(0)
    try:
        sys.stdout.flush()
    except BaseException:
        pass
    say(report)
    # Without waiting for threads and what else the program left behind.
    os._exit(0)

def main():
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if settings["isolation"] == "namespaces":
        isolated()
        os.chdir("/tmp")
    elif os.getuid() == 0:
        # Root is not held to a number of processes, and may write anywhere.
        os.chown(".", settings["spareUser"], settings["spareUser"])
        become(settings["spareUser"])
    without_capabilities()
    limited(settings["limits"])
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    run(settings["program"])

settings = json.load(sys.stdin)
try:
    main()
except Exception as error:
    refuse("sandbox", error)
`
