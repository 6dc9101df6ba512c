# In[1]:
get_ipython().run_line_magic('matplotlib', 'inline')
import torch.optim
opt = torch.optim.SGD
