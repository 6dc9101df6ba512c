import subprocess, sys
subprocess.run([sys.executable, '-m', 'pytest'])
